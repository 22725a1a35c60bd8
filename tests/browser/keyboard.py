"""Hands on a keyboard: who has no mouse comes to each control by the tabulator, sees where it stands, and presses or types.

Works with scripts and without. A control that takes more than `MOST` presses, or that shows no ring when it has the focus, is
not reached.
"""

from playwright.sync_api import Locator, Page

MOST = 60
"""So often somebody presses the tabulator at most to come to one control."""
FAR = 160
"""The same, where a list of filters lies between."""
PATIENCE = 60_000
"""So long a page may take on a busy machine, in milliseconds."""

_HAS_FOCUS = "element => element === document.activeElement"
_COMES_BEFORE = """element => {
    const here = document.activeElement;
    return !!here && here !== document.body
        && !!(element.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""
_IN_ITS_GROUP = """element => {
    const here = document.activeElement;
    return element.type === "radio" && here.type === "radio" && here.name === element.name && here.form === element.form;
}"""
_IS_SEEN = """element => {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || box.bottom < 0 || box.top > innerHeight) return "it is out of sight";
    for (let one = element, up = 0; one && up < 3; one = one.parentElement, up += 1) {
        const style = getComputedStyle(one);
        if (style.outlineStyle === "auto") return "";
        if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return "";
    }
    return "no ring is around it";
}"""


def is_focused(control: Locator) -> bool:
    return bool(control.evaluate(_HAS_FOCUS))


def walk_to(page: Page, control: Locator, *, key: str = "Tab", most: int = FAR) -> int:
    """Press a key until a control has the focus, from where one is and without turning back; how often it took."""
    for steps in range(1, most + 1):
        page.keyboard.press(key)
        if is_focused(control):
            assert control.evaluate("element => element.matches(':focus-visible')"), control
            return steps
    raise AssertionError(f"{control} is not reached by {key}")


def reach(page: Page, control: Locator, *, most: int = MOST) -> None:
    """Go to a control with the tabulator, forwards or back, whichever way it lies; there it is in sight and has a ring."""
    key = "Shift+Tab" if control.evaluate(_COMES_BEFORE) else "Tab"
    for _ in range(most):
        if is_focused(control):
            break
        # Of a group of choices the tabulator reaches one; arrows go on from there.
        page.keyboard.press("ArrowDown" if control.evaluate(_IN_ITS_GROUP) else key)
    else:
        raise AssertionError(f"{control} is not reached within {most} presses")
    unseen = control.evaluate(_IS_SEEN)
    assert unseen == "", f"{control} has the focus, and {unseen}"


def press(page: Page, control: Locator, *, most: int = MOST) -> None:
    """Reach a link or a button and press Enter; then the page to which it leads is there."""
    reach(page, control, most=most)
    enter(page)


def enter(page: Page) -> None:
    """Press Enter where one is, as in the last field that one has to fill; then the page to which it leads is there."""
    with page.expect_navigation(timeout=PATIENCE):
        page.keyboard.press("Enter")


def write(page: Page, control: Locator, text: str) -> None:
    """Reach a field and type, in place of what stood there."""
    reach(page, control)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def tick(page: Page, control: Locator) -> None:
    """Reach a box or one of several choices and choose it; what is chosen already stays so."""
    reach(page, control)
    if not control.is_checked():
        page.keyboard.press("Space")
    assert control.is_checked()


def choose(page: Page, control: Locator, label: str) -> None:
    """Reach a list and type the first letters of a line until it is the chosen one."""
    reach(page, control)
    page.keyboard.type(label)
    chosen = control.locator("option:checked").inner_text().strip()
    assert chosen == label, f"{chosen} is chosen in {control}"


def write_day(page: Page, control: Locator, day: str) -> None:
    """Reach a field for a day and type year, month and day in the order in which this browser has them."""
    year, month, of_month = day.split("-")
    reach(page, control)
    for order in ((of_month, month, year), (month, of_month, year), (year, month, of_month)):
        for _ in order:
            page.keyboard.press("ArrowLeft")
        page.keyboard.type("".join(order))
        if control.input_value() == day:
            return
    raise AssertionError(f"{day} cannot be typed into {control}")
