"""The findings in Simplified Chinese."""

from __future__ import annotations

from collections.abc import Mapping

#: What is looked at, in its order.
CHECKS: Mapping[str, str] = {
    "configuration": "设置",
    "secret": "密钥",
    "folder": "数据文件夹",
    "disk": "磁盘",
    "database": "数据库",
    "schema": "数据表",
    "clock": "时钟",
    "log": "日志",
    "address": "公开地址",
    "websocket": "WebSocket",
    "stream": "事件流",
}

#: What stands in findings as the system, SQLite or a query said it, where this language says it otherwise.
SAID: Mapping[str, str] = {
    "Permission denied": "没有权限",
    "Operation not permitted": "不允许此操作",
    "Read-only file system": "文件系统为只读",
    "Input/output error": "读写出错",
    "Not a directory": "不是文件夹",
    "Is a directory": "是文件夹",
    "No space left on device": "磁盘已满",
    "Too many levels of symbolic links": "符号链接成环",
    "attempt to write a readonly database": "数据库为只读",
    "unable to open database file": "无法打开数据库文件",
    "database is locked": "数据库被其他程序锁定",
    "database disk image is malformed": "数据库文件已损坏",
    "file is not a database": "文件不是数据库",
    "disk I/O error": "磁盘读写出错",
    "project": "项目",
    "workflow": "工作流",
    "comment": "评论",
    "label": "标签",
    "member": "成员",
}

#: What was found, and what to do, by code.
FINDINGS: Mapping[str, tuple[str, str]] = {
    "configuration.good": ("设置可以读取。", ""),
    "configuration.bad": ("{why}", "请在启动服务器的地方改正；这样的设置下服务器无法启动。"),
    "configuration.no_address": (
        "未设置 TASKHUB_BASE_URL。",
        "如果大家通过代理或域名访问 TaskHub，请设为该地址：链接以它开头，本检查也能试它。",
    ),
    "configuration.no_tls": (
        "公开地址 {address} 没有使用 TLS。",
        "密码会以明文经过网络：请让代理提供 https，并把 TASKHUB_BASE_URL 设为该地址。",
    ),
    "configuration.open": (
        "任何能访问该地址的人都可以注册账号。",
        "如果并非本意，请取消 TASKHUB_OPEN_REGISTRATION；之后只能凭邀请加入。",
    ),
    "secret.set": ("来自 TASKHUB_SECRET_KEY。", ""),
    "secret.kept": ("保存在 {path}。", ""),
    "secret.none": ("{path} 中还没有密钥。", "服务器启动时会生成一个。"),
    "secret.unreadable": ("无法读取 {path}：{why}。", "请以运行服务器的用户执行，或把文件交给该用户。"),
    "secret.damaged": ("{path} 已损坏。", "请删除它：服务器会生成新的密钥，所有人需要重新登录。"),
    "secret.exposed": ("本机其他用户可以读取 {path}（权限 {mode}）。", "请收紧权限：chmod 600 {path}"),
    "folder.good": ("{path} 可读可写。", ""),
    "folder.missing": (
        "文件夹 {path} 不存在。",
        "请把 TASKHUB_DATA_DIR 设为服务器所用的文件夹；新实例请运行 taskhub migrate。",
    ),
    "folder.unreadable": ("无法查看 {path}：{why}。", "请以运行服务器的用户执行。"),
    "folder.readonly": ("无法写入 {path}。", "请把文件夹交给服务器的用户（chown），并确认磁盘没有以只读方式挂载。"),
    "folder.foreign_file": (
        "{path} 不可读写。",
        "它属于其他用户（例如曾以 root 运行过命令）：请交给服务器的用户（chown）。",
    ),
    "folder.exposed": (
        "本机所有人都能查看 {path}（权限 {mode}）。",
        "其中有签署 Cookie 的密钥和全部任务：chmod 700 {path}",
    ),
    "disk.good": ("共 {of}，可用 {free}。", ""),
    "disk.little": ("{path} 所在磁盘共 {of}，仅剩 {free}。", "请腾出空间：写入数据和检查备份都需要它。"),
    "disk.full": ("{path} 所在磁盘共 {of}，仅剩 {free}。", "请立即腾出空间：很快就无法保存任何更改。"),
    "database.good": ("{name} 正常应答。", ""),
    "database.none": ("还没有数据库。", "请运行 taskhub migrate，再用 taskhub user create 创建管理员。"),
    "database.unreachable": (
        "数据库没有应答：{why}。",
        "请确认数据库正在运行，且 TASKHUB_DATABASE_URL 中的用户和密码正确。",
    ),
    "database.damaged": (
        "SQLite 发现文件已损坏：{why}。",
        "请停止服务器，保留一份数据文件夹的副本，并恢复最新的备份（taskhub restore）。",
    ),
    "database.journal": (
        "SQLite 的日志模式是 {mode}，而不是 WAL。",
        "请重启服务器，它会设好；网络磁盘可能不支持：请把数据文件夹移到本地磁盘。",
    ),
    "database.orphans": ("有些行引用了已不存在的行：{where}。", "有其他程序写过数据库。请恢复最新的备份，或查明原因。"),
    "database.old": ("PostgreSQL {version} 早于 {oldest}。", "请升级到仍受维护的版本。"),
    "database.unsafe": ("PostgreSQL 关闭了 {name}。", "断电可能丢失已告知用户保存成功的更改：请打开它。"),
    "database.connections": (
        "{workers} 个进程最多会打开 {needed} 个连接；服务器最多接受 {most} 个，其他程序占用 {others} 个。",
        "请调高 PostgreSQL 的 max_connections，或减少工作进程。",
    ),
    "schema.good": ("已是最新版本 {revision}。", ""),
    "schema.none": ("数据库中没有表。", "请运行 taskhub migrate。"),
    "schema.incomplete": ("应为版本 {revision} 的表，但缺少 {missing}。", "有其他程序写过数据库。请恢复最新的备份。"),
    "schema.behind": (
        "当前版本为 {revision}，本程序需要 {newest}。",
        "请先备份，再运行 taskhub migrate，然后启动服务器。",
    ),
    "schema.newer": ("当前版本 {revision} 不为本程序所知。", "它由更新的 TaskHub 创建：请安装那个版本。"),
    "clock.good": ("与数据库和日志一致。", ""),
    "clock.apart": (
        "本机与数据库的时钟相差 {seconds} 秒。",
        "请让两者通过网络校时（NTP）：会话、截止日期和先后次序都依赖它。",
    ),
    "clock.behind": ("最新的事件（{at}）在未来 {seconds} 秒。", "时钟曾被拨回，或现在不准：请通过网络校时（NTP）。"),
    "log.good": ("{projects} 个项目的 {events} 个事件完整无缺，数据表与之相符。", ""),
    "log.gap": (
        "{key}：缺少事件 {first} 至 {last}。",
        "跟随它的人会被要求重新开始。请恢复含有这些事件的备份，或保持现状。",
    ),
    "log.head": ("{key}：日志头是 {head}，最新事件是 {last}。", "有其他程序写过数据库。请恢复最新的备份。"),
    "log.beyond": (
        "{key}：{what} 的版本是 {version}，而日志到 {head} 为止。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.version": (
        "{ref} 的版本是 {version}；日志最后一次提到它是在 {heard}。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.differs": (
        "{ref}：事件 {version} 与数据表不符（{fields}）。",
        "有其他程序写过数据库。手动编辑该任务可使两者重新一致。",
    ),
    "log.comments": (
        "{ref} 显示有 {said} 条评论，实际有 {there} 条。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.figures": (
        "{key}：图表在 {state} 中计为 {said}，实际为 {there}（{kind}）。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.unread": (
        "{user} 的收件箱计为 {said} 条未读，实际有 {there} 条。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.inbox": (
        "{user} 的收件箱日志到 {last} 为止有 {count} 个事件，而其头是 {head}。",
        "有其他程序写过数据库。请恢复最新的备份。",
    ),
    "log.event": ("{key}：事件 {seq} 内容不正确。", "有其他程序写过数据库。请恢复最新的备份。"),
    "log.more": ("此类问题（{code}）还有 {count} 个。", ""),
    "address.skipped": ("未尝试。", ""),
    "address.good": ("{address} 通向这里。", ""),
    "address.unreachable": (
        "从本机无法访问 {address}：{why}。",
        "请确认服务器和代理正在运行、域名指向这里、中间没有防火墙阻拦。",
    ),
    "address.tls": ("{address} 的证书有问题：{why}。", "请更新证书或发送完整的证书链；浏览器同样会拒绝。"),
    "address.redirect": (
        "{address} 被重定向到 {to}。",
        "请把 TASKHUB_BASE_URL 设为最终的地址：来自其他地址的写入会被拒绝。",
    ),
    "address.other": (
        "在 {address} 应答的是别的程序：另一个实例，或密钥不同的实例。",
        "请改正 TASKHUB_BASE_URL 或代理的目标，并让服务器与本检查使用相同的设置。",
    ),
    "address.status": (
        "{address} 返回了 {status}，而不是 TaskHub 的应答。",
        "502、504：代理连不上服务器。404：TASKHUB_BASE_URL 或代理指向了别处。401、403：前面另有密码验证。",
    ),
    "address.scheme": (
        "地址是 {scheme}，而服务器得到的是 {seen}。",
        "请让代理设置 X-Forwarded-Proto；代理在另一台机器时，用 FORWARDED_ALLOW_IPS 指明。否则 Cookie 没有“Secure”。",
    ),
    "address.host": (
        "服务器得知的主机名是 {seen}。",
        "请让代理转交主机名：proxy_set_header Host $http_host（nginx）。",
    ),
    "websocket.good": ("畅通。", ""),
    "websocket.blocked": (
        "没有建立 WebSocket，而是返回了 {status}。",
        "代理没有转交协议升级。nginx：proxy_http_version 1.1，以及 Upgrade 和 Connection 头，见 "
        "docs/operations.md。在此之前浏览器会改用事件流。",
    ),
    "websocket.broken": ("连接中断：{why}。", "请查看代理的日志；中间可能有设备切断非 HTTP 的连接。"),
    "websocket.silent": (
        "{seconds:g} 秒内没有任何内容到达。",
        "中间有设备接受了 WebSocket 却没有转交：请检查代理的相关设置。",
    ),
    "websocket.origin": (
        "服务器把 {origin} 当作外部网站。",
        "请把服务器的 TASKHUB_BASE_URL 设为大家浏览器中的地址。",
    ),
    "stream.good": ("畅通，消息逐条到达。", ""),
    "stream.blocked": ("没有建立事件流，而是返回了 {status}。", "请查看代理的日志；它必须转交 /api/ 下的一切。"),
    "stream.changed": ("事件流以 {type} 到达。", "中间有设备改动了应答：请对 /api/ 关闭此功能。"),
    "stream.buffered": (
        "消息在途中被攒在一起。",
        "nginx：proxy_buffering off，且不要 proxy_ignore_headers X-Accel-Buffering。其他代理：关闭对 "
        "text/event-stream 的缓冲和压缩。在此之前，依赖事件流的人会较晚看到更改。",
    ),
    "stream.broken": ("事件流中断（{why}）。", "请查看代理的日志；读取超时可能太短。"),
}
