"""TaskHub's test suite; tests/conftest.py says which fixtures there are."""
