"""The demo's main project: a website that is made anew."""

from __future__ import annotations

from taskhub.demo.story import Note, Project, Task
from taskhub.workflow.templates import TEMPLATES

_CHECKOUT = """\
When `POST /orders` takes over 8 s, the browser sends it again and the second answer has no address. Seen by three \
customers, see WEB-28.

### Steps

- [x] Reproduce with a throttled connection
- [x] Idempotency key on the form
- [x] Server answers the first result again
- [ ] Message while it waits
- [ ] Tell the three customers
"""

_PRICES = """\
On a phone the table is wider than the screen, and the **most asked-for** price is the one outside it.

- [x] One card for each plan below 600 px
- [x] Prices keep their column on a tablet
- [ ] Long product names break
"""

_REDIRECTS = """\
The old shop had 214 addresses that other sites link to.

- [ ] Export them from the access log of a year
- [ ] Map each to a new one
- [ ] `301`, not `302`
- [ ] Look at the 404s a week later
"""

_MENU = """\
Tab must go through the menu in the order it is read, and Escape must close it.

- [x] Order of the items
- [x] Focus ring that is seen
- [x] Escape closes, focus returns
- [x] Arrow keys within a group
- [x] Try it with a screen reader
"""

_CHINESE = """\
华南的客户希望用中文联系我们。

| | |
| --- | --- |
| 表单 | 姓名、电话、留言 |
| 时区 | 北京时间 |

The form is the same, the words are Chen's. 电话号码不要求国家代码。
"""

_DONE = tuple(
    # title, who, labels, priority, and how many days ago it went to do, in progress, to review and was done; where that
    # was too early, back to review and done again
    line.split("|")
    for line in """\
Inventory of every page we have|dee|docs|none|61.3 59.8 58.6 58.2
Who visits us, and what for|ana|docs|none|61 59.1 57 56.4
Pick a type scale|chen|design|low|60.6 57.4 54 53.1
Colour tokens for light and dark|chen|design|medium|58.6 52.6 52 51.8
Base layout and grid|ben|design|medium|56.7 54 52.1 51.6 49.8 48.5
Build the pages from Markdown|ben|api|medium|54.6 51.2 49 47.9
Continuous deployment to staging|ben||high|58.4 54.3 48.8 47.2
首页文案初稿|chen|docs|none|56 48.7 47.1 45.9
Header with search|ana|design|low|46.6 44.4 42 41
Footer with legal links|dee|docs|low|46.8 40.7 40.2 39.9
Images lose their colour profile|ben|bug perf|medium|41.9 40.7 37.6 37.2
Product page template|ana|design|medium|43.1 38.5 37.4 37.1
Stock levels come from the warehouse|ben|api|high|48.2 46.4 36.8 35.6
Product names break the layout|chen|bug|medium|38.3 34.4 34.1 33.9
Sitemap and robots.txt|dee||low|39.1 33.9 33.2 33
Newsletter form refuses umlauts|ana|bug api|medium|34.8 32.5 31 30.2
Shopping basket survives a reload|ben|api|high|37.1 34.5 31.5 30.1 27.5 24.2
404 page that helps|dee|design docs|low|31.4 27 25.4 24.9
Prices with and without tax|ana|api|high|29.9 26.9 22.7 20.6
关于我们页面|chen|docs|none|26 24.9 22.5 20.5
E-mail templates for orders|dee|docs design|medium|30.4 27.6 21.8 20.3
Payment provider in test mode|ben|api security|urgent|30.6 27.3 20.2 19
Basket counts wrong after undo|ben|bug|high|19.5 19.2 18.3 17.9 15.2 13.4
Opening hours on the contact page|dee|docs|low|20.1 17.2 16.7 16.1
Customer accounts: sign in|ana|api security|high|24.5 19.7 16.9 15.8
Customer accounts: forgotten password|ana|security|medium|18.9 15.2 13.8 12.9
Content-Security-Policy without exceptions|ben|security|high|23.4 22.1 11.6 9.9
Staging behind a password|ben|security|medium|6.2 5.8 4.7 4.1
Terms and privacy, checked by a lawyer|dee|docs|medium|10.8 8.7 7.4 6.4
New logo in the header and as an icon|chen|design|low|8.2 3.3 2.8 2.3
Fonts served from our own host|chen|perf|medium|5.4 3 1.4 0.6
Order confirmation shows the wrong time zone|ana|bug api|high|12.9 9.3 7.3 6.1""".splitlines()
)

_NOTES: dict[int, tuple[Note, ...]] = {
    5: (
        Note(49.9, "dee", "On my tablet the right column is gone."),
        Note(48.7, "ben", "`minmax(0, 1fr)` and it stays. I have learnt this before."),
    ),
    8: (Note(47, "chen", "初稿在这里，请大家看看语气。"), Note(46.6, "ana", "Lovely. 第二段可以短一点。")),
    13: (Note(36.2, "ben", "They send it as `windows-1252`. Of course they do."),),
    17: (
        Note(27.6, "chen", "隔了一夜，购物车又空了。Empty again the next morning."),
        Note(24.4, "ben", "The cookie ended with the day. Now it is kept for a month."),
    ),
    22: (
        Note(21, "ben", "Test cards work; the webhook comes twice now and then."),
        Note(20.4, "ana", "Twice is fine as long as we answer the same."),
    ),
    23: (Note(15.3, "ana", "Undo twice, and it counts −1."),),
    27: (Note(11.5, "ben", "One inline style was left, in the map. It is gone."),),
    28: (Note(4.5, "dee", "Customers found it through a link in the newsletter."), Note(4.2, "ben", "Not any more.")),
    31: (Note(1.2, "chen", "首屏快了 180 毫秒。180 ms less until the first text."),),
}


def _done(number: int) -> Task:
    title, who, labels, priority, times = _DONE[number - 1]
    todo, doing, *rounds = times.split()
    reviewer = "ana" if who != "ana" else "ben"
    path = f"todo {todo}, doing {doing}"
    for at, (review, done) in enumerate(zip(rounds[::2], rounds[1::2], strict=True)):
        # Only owners take something out of done.
        path += f", review {review} {'ana' if at else who}, done {done} {reviewer}"
    return Task(
        title,
        path,
        who,
        labels,
        priority,
        notes=_NOTES.get(number, ()),
        was="Fonts" if number == 31 else "",
        archived=30.5 - number if number <= 3 else None,
    )


_OPEN: dict[int, Task] = {
    33: Task(
        "Rate limit for the contact form",
        "todo 9, doing 5.4, review 2.3",
        "ana",
        "security",
        "medium",
        text="Somebody sent 4,000 messages on a Sunday. Ten an hour for each address are plenty.",
        notes=(
            Note(1.8, "ana", "429 with a `Retry-After`, and a sentence for people."),
            Note(0.9, "ben", "Reads well. One question in the code about proxies."),
        ),
    ),
    34: Task("Chat window on every page", "cancelled 20 ana", "dee", "design", notes=(
        Note(20.1, "ana", "Nobody is there to answer it. We put the telephone number up instead."),
    )),
    35: Task("Blog comments", "todo 24, cancelled 15 ben", "ben", "api", "low"),
    36: Task("A page for every town", "cancelled 12 dee", "dee", "docs"),
    37: Task(
        "Keyboard order of the main menu",
        "todo 8, doing 3.3, review 0.002 chen",
        "ben",
        "design",
        "low",
        text=_MENU,
        was="Menu by keyboard",
        notes=(
            Note(3.1, "ben", "The language switch came before the logo."),
            Note(1.4, "dee", "Tried it with a screen reader: it says every group twice."),
            Note(1.1, "ben", "Fixed: the list had a label of its own."),
        ),
    ),
    38: Task("Snow on the start page", "cancelled 11 ana", "chen", "design", "low", notes=(
        Note(11.2, "chen", "❄️ 就一个星期？"),
        Note(11.1, "ana", "It costs 8 % of the battery. 明年再说。"),
    )),
    39: Task(
        "Contact page in Chinese 中文联系页面",
        "todo 6, doing 1.3",
        "chen",
        "docs",
        due=4,
        text=_CHINESE,
        notes=(Note(0.8, "chen", "电话格式已确认，今天写完。"),),
    ),
    40: Task("Price table that reads well on a phone", "todo 10, doing 2.7", "dee", "design", "medium", 3, _PRICES),
    41: Task("Alt texts for all product pictures", "todo 7 ana", "", "docs", "low"),
    42: Task(
        "Checkout form loses the address on a slow network",
        "todo 12 ana, doing 2.05 chen",
        "ana ben",
        "bug api",
        "urgent",
        -1,
        _CHECKOUT,
        was="Address is lost",
        notes=(
            Note(12.4, "dee", "A third customer. All of them on trains."),
            Note(2, "chen", "重现了：把网速限制到 2G，提交两次。"),
            Note(0.2, "ana", "Is it the browser that sends it again, or us?"),
            Note(0.028, "ben", "@Ana the retry is ours, not the browser's: `fetch` wrapper, line 40."),
        ),
    ),
    43: Task("Gift cards: say when they end", "todo 5 ana", "ana", "api", "medium", 9),
    44: Task(
        "Cookie banner is not needed: remove it",
        "todo 0.01 ana",
        "dee",
        "bug",
        notes=(
            Note(3.2, "dee", "We set one cookie, and only after a sign-in."),
            Note(2.2, "ben", "Then the lawyer says: no banner."),
        ),
    ),
    45: Task("Print style for invoices", "todo 4 ben", "ben", "design", "low"),
    46: Task("Compare two products side by side", labels="design"),
    47: Task("Pictures in AVIF with a JPEG fallback", "todo 3.5", "chen", "perf", "low"),
    48: Task("Wish list without an account", labels="api", priority="low"),
    49: Task("Redirect map for the 214 old addresses", "todo 2.5", "ben", "api", "medium", 6, _REDIRECTS),
    50: Task("Dark pictures for dark pages", "", "chen", "design"),
    51: Task("Delivery to islands costs more", labels="api", priority="medium"),
    52: Task("Search that finds part numbers", labels="api", priority="medium"),
    53: Task("客户评价页面 Customer reviews", "", "chen", "docs"),
    54: Task("Measure what a page weighs in every build", labels="perf"),
    55: Task("Returns: a form instead of an e-mail", labels="api docs"),
    56: Task("Two-factor sign-in for staff", labels="security", priority="high"),
    57: Task(
        "Old blog posts: keep, merge or drop?",
        "",
        "chen",
        notes=(
            Note(6.4, "chen", "共 312 篇，去年有人读的只有 40 篇。"),
            Note(6.3, "ana", "Keep those 40?"),
            Note(6.1, "dee", "Plus the six that other sites link to."),
            Note(5.8, "ben", "The rest answers 410, then search engines forget them."),
            Note(5.2, "chen", "有三篇可以合并成一篇指南。"),
            Note(4.9, "dee", "I can write that one."),
            Note(4.8, "ana", "Then let us decide on Monday with the list in front of us."),
        ),
    ),
    58: Task("Decide on analytics without cookies", labels="security", priority="low"),
    59: Task("Page speed on a five-year-old phone", labels="perf", priority="medium"),
    60: Task("Teaser for the spring collection", "", "dee", "design"),
    61: Task("Collect quotes from three customers", "", "dee", "docs"),
}  # fmt: skip

WEBSITE = Project(
    key="WEB",
    name="Website relaunch",
    people=("ana", "ben", "chen", "dee"),
    labels={
        "bug": "red",
        "api": "teal",
        "docs": "grey",
        "security": "pink",
        "perf": "orange",
        "design": "purple",
    },
    workflow=TEMPLATES["strict"],
    tasks=tuple(_done(number) if number <= len(_DONE) else _OPEN[number] for number in range(1, 62)),
    since=64,
    until=3,
    sessions=(9, 2, 1, 5, 1, 3, 6, 1, 1, 4, 1, 2, 5, 1, 3, 1, 6, 1, 1, 4, 2, 1),
    top=(61, 58, 57, 52, 49, 47, 44, 42, 40, 39, 37, 33),
)
