"""The findings in English."""

from __future__ import annotations

from collections.abc import Mapping

#: What is looked at, in its order.
CHECKS: Mapping[str, str] = {
    "configuration": "Settings",
    "secret": "Secret key",
    "folder": "Data folder",
    "disk": "Disk",
    "database": "Database",
    "schema": "Tables",
    "clock": "Clock",
    "log": "Log",
    "address": "Public address",
    "websocket": "WebSocket",
    "stream": "Event stream",
}

#: What stands in findings as the system, SQLite or a query said it, where this language says it otherwise.
SAID: Mapping[str, str] = {}

#: What was found, and what to do, by code.
FINDINGS: Mapping[str, tuple[str, str]] = {
    "configuration.good": ("The settings can be read.", ""),
    "configuration.bad": ("{why}", "Correct it where the server is started; it does not start like this."),
    "configuration.no_address": (
        "TASKHUB_BASE_URL is not set.",
        "Where people reach TaskHub through a proxy or by a name, set it to that address: links begin with it, and "
        "this examination can try it.",
    ),
    "configuration.no_tls": (
        "The public address {address} is without TLS.",
        "Passwords cross the network in the open: let the proxy serve https, and set TASKHUB_BASE_URL to that.",
    ),
    "configuration.open": (
        "Anybody who reaches the address may make an account.",
        "If that is not meant, unset TASKHUB_OPEN_REGISTRATION; people then come in by an invite.",
    ),
    "secret.set": ("It comes from TASKHUB_SECRET_KEY.", ""),
    "secret.kept": ("It is kept in {path}.", ""),
    "secret.none": ("There is none yet in {path}.", "The server makes one when it starts."),
    "secret.unreadable": (
        "{path} can't be read: {why}.",
        "Run this as the user that the server runs as, or give that user the file.",
    ),
    "secret.damaged": ("{path} is damaged.", "Delete it: the server makes a new one. Everybody signs in again."),
    "secret.exposed": ("Others on this machine can read {path} (mode {mode}).", "Close it: chmod 600 {path}"),
    "folder.good": ("{path} can be read and written.", ""),
    "folder.missing": (
        "There is no folder {path}.",
        "Set TASKHUB_DATA_DIR to the server's, or run taskhub migrate for a new instance.",
    ),
    "folder.unreadable": ("{path} can't be looked at: {why}.", "Run this as the user that the server runs as."),
    "folder.readonly": (
        "{path} can't be written to.",
        "Give the server's user the folder (chown), and see that its disk is not mounted to be read only.",
    ),
    "folder.foreign_file": (
        "{path} can't be read and written.",
        "It belongs to another user, as after a command run as root: give it to the server's user (chown).",
    ),
    "folder.exposed": (
        "Everybody on this machine can look into {path} (mode {mode}).",
        "It holds the secret that signs cookies, and all tasks: chmod 700 {path}",
    ),
    "disk.good": ("{free} of {of} are free.", ""),
    "disk.little": (
        "Only {free} of {of} are free at {path}.",
        "Make room: what is written, and the check of a backup, will need it.",
    ),
    "disk.full": (
        "Only {free} of {of} are free at {path}.",
        "Make room now: soon no change can be kept any more.",
    ),
    "database.good": ("{name} answers.", ""),
    "database.none": (
        "There is no database yet.",
        "Run taskhub migrate, and taskhub user create for its administrator.",
    ),
    "database.unreachable": (
        "The database does not answer: {why}.",
        "See that it runs, and that TASKHUB_DATABASE_URL names it with a user and password that it takes.",
    ),
    "database.damaged": (
        "SQLite finds its file damaged: {why}.",
        "Stop the server, keep a copy of the data folder, and restore the newest backup (taskhub restore).",
    ),
    "database.journal": (
        "SQLite keeps its journal in mode {mode}, not WAL.",
        "Restart the server, which sets it; a network disk may refuse it: move the data folder to a local one.",
    ),
    "database.orphans": (
        "Rows refer to others that are gone: {where}.",
        "Something else has written to the database. Restore the newest backup, or find out what it was.",
    ),
    "database.old": (
        "PostgreSQL {version} is older than {oldest}.",
        "Move to a version that is still cared for.",
    ),
    "database.unsafe": (
        "PostgreSQL runs with {name} off.",
        "A power cut may lose changes that people were told are kept: switch it on.",
    ),
    "database.connections": (
        "The {workers} processes may open {needed} connections; the server takes {most}, and others hold {others}.",
        "Raise max_connections of PostgreSQL, or let fewer workers serve.",
    ),
    "schema.good": ("They are at the newest revision, {revision}.", ""),
    "schema.none": ("The database has no tables.", "Run taskhub migrate."),
    "schema.incomplete": (
        "They should be those of revision {revision}, but {missing} is missing.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "schema.behind": (
        "They are at revision {revision}; this version needs {newest}.",
        "Make a backup, then run taskhub migrate, before the server starts.",
    ),
    "schema.newer": (
        "They are at revision {revision}, which this version does not know.",
        "A newer TaskHub made it: install that version.",
    ),
    "clock.good": ("It goes with the database and with the log.", ""),
    "clock.apart": (
        "This machine's clock and the database's differ by {seconds} s.",
        "Set both by the network (NTP): sessions, due dates and the order of moments depend on it.",
    ),
    "clock.behind": (
        "The newest event ({at}) is {seconds} s in the future.",
        "The clock was set back, or is wrong now: set it by the network (NTP).",
    ),
    "log.good": ("{events} events of {projects} projects are whole, and the tables are what they tell.", ""),
    "log.gap": (
        "{key}: events {first} to {last} are missing.",
        "Whoever follows it is told to start anew. Restore a backup that has them, or keep it as it is.",
    ),
    "log.head": (
        "{key}: its head is {head}, and its newest event {last}.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.beyond": (
        "{key}: {what} is of version {version}, and the log ends at {head}.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.version": (
        "{ref} is of version {version}; the log tells of it at {heard} at last.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.differs": (
        "{ref}: event {version} says otherwise than the table ({fields}).",
        "Something else has written to the database. Editing the task by hand puts both in step again.",
    ),
    "log.comments": (
        "{ref} says that it has {said} comments, and has {there}.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.figures": (
        "{key}: the charts count {said} in {state} where there are {there} ({kind}).",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.unread": (
        "The inbox of {user} counts {said} unread, and has {there}.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.inbox": (
        "The log of the inbox of {user} has {count} events up to {last}, and its head is {head}.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.event": (
        "{key}: event {seq} is not what it should be.",
        "Something else has written to the database. Restore the newest backup.",
    ),
    "log.more": ("{count} more of the kind {code}.", ""),
    "address.skipped": ("It was not tried.", ""),
    "address.good": ("{address} leads here.", ""),
    "address.unreachable": (
        "{address} can't be reached from this machine: {why}.",
        "See that the server and the proxy run, that the name leads here, and that no firewall is between.",
    ),
    "address.tls": (
        "The certificate of {address} is not good: {why}.",
        "Renew it, or send the whole chain; browsers refuse it too.",
    ),
    "address.redirect": (
        "{address} sends on to {to}.",
        "Set TASKHUB_BASE_URL to the address where it ends: writes from any other are refused.",
    ),
    "address.other": (
        "Something else answers at {address}: another instance, or one with another secret key.",
        "Correct TASKHUB_BASE_URL or the proxy's target, and give server and doctor the same settings.",
    ),
    "address.status": (
        "{address} answers {status} in place of TaskHub.",
        "502 and 504: the proxy does not reach the server. 404: TASKHUB_BASE_URL or the proxy leads elsewhere. "
        "401 and 403: something asks for its own password first.",
    ),
    "address.scheme": (
        "The address is {scheme}, but the server is told {seen}.",
        "Let the proxy set X-Forwarded-Proto, and name the proxy in FORWARDED_ALLOW_IPS where it is another machine. "
        "Till then cookies go without “Secure”.",
    ),
    "address.host": (
        "The server is told that it is asked as {seen}.",
        "Let the proxy hand on the name: proxy_set_header Host $http_host (nginx).",
    ),
    "websocket.good": ("It gets through.", ""),
    "websocket.blocked": (
        "In place of a WebSocket comes an answer {status}.",
        "The proxy does not hand on the upgrade. nginx: proxy_http_version 1.1, and the headers Upgrade and "
        "Connection, as in docs/operations.md. Till then browsers fall back to event streams.",
    ),
    "websocket.broken": (
        "The connection breaks: {why}.",
        "Look into the proxy's log; something between may cut connections that are not HTTP.",
    ),
    "websocket.silent": (
        "Nothing comes over it within {seconds:g} s.",
        "Something between takes the WebSocket and does not hand it on: look at the proxy's settings for it.",
    ),
    "websocket.origin": (
        "The server takes {origin} for a foreign site.",
        "Set TASKHUB_BASE_URL, as the server has it, to the very address in people's browsers.",
    ),
    "stream.good": ("It gets through, message by message.", ""),
    "stream.blocked": (
        "In place of a stream comes an answer {status}.",
        "Look into the proxy's log; it must hand on everything below /api/.",
    ),
    "stream.changed": (
        "The stream arrives as {type}.",
        "Something between changes answers: switch that off for /api/.",
    ),
    "stream.buffered": (
        "Its messages are collected on the way.",
        "nginx: proxy_buffering off, and no proxy_ignore_headers X-Accel-Buffering. Others: switch off buffering and "
        "compression of text/event-stream. Till then who depends on streams sees changes late.",
    ),
    "stream.broken": ("The stream breaks ({why}).", "Look into the proxy's log; its read timeout may be too short."),
}
