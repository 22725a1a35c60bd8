"""Going about as who has no mouse does: with the tabulator from where one is, never by a jump."""

from playwright.sync_api import Locator, Page

MOST = 160


def is_focused(control: Locator) -> bool:
    return bool(control.evaluate("element => element === document.activeElement"))


def walk_to(page: Page, control: Locator, *, key: str = "Tab", most: int = MOST) -> int:
    """Press a key until a control has the focus; how often it took. The focus is seen wherever it goes."""
    for steps in range(1, most + 1):
        page.keyboard.press(key)
        if is_focused(control):
            assert control.evaluate("element => element.matches(':focus-visible')"), control
            return steps
    raise AssertionError(f"{control} is not reached by {key}")


def press(page: Page, control: Locator) -> None:
    """Go to a control with the tabulator and press Enter."""
    walk_to(page, control)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
