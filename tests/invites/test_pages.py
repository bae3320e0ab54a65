"""The page behind an invite's link: useful without script, in both languages."""
