"""Elements that panels share. Functions that build HTML escape every text."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.session.live_traits import LiveTrait
from viz.screen.session.session import Session
from viz.screen.session.threads import Changes
from viz.screen.widgets.traits import CHART_WORDS, LiveChart, Markup, NumberFields
from viz.screen.words import Words

_CHECK = 5.0  # seconds after which a thread checks whether its page is still open
_PAUSE = 0.7  # minimum number of seconds between two renderings


def box(*children: Any, tag: str = "div", cls: str = "", **attributes: str) -> Any:
    """Create an HTML element.

    Args:
        children: elements and texts in the element.
        tag, cls: tag and CSS classes of the element.
        attributes: further attributes.

    Returns:
        The element, which is also a context manager that collects children.
    """
    more: dict[str, Any] = {"attributes": attributes} if attributes else {}
    return solara.v.Html(tag=tag, class_=cls, children=list(children), **more)


def raw(html: str, cls: str = "", tag: str = "div") -> Any:
    """Create an element from HTML.

    Args:
        html: content, in which every text is escaped.
        cls, tag: CSS class and tag of the element. With the class of wide tables, the element can
            have the focus, so that arrow keys scroll it.

    Returns:
        The element.
    """
    classes, focus = [cls] if cls else [], {"tabindex": "0"} if cls == "tb-heat-room" else {}
    return solara.HTML(tag=tag, unsafe_innerHTML=html, classes=classes, attributes=focus)


def badge(world: int) -> str:
    """Build the mark of a world: A in a disc, B in a square."""
    return el("i", "AB"[world], class_=f"tb-badge tb-badge-{'ab'[world]}")


def heading(text: str, level: int = 2) -> Any:
    """Create a heading.

    Args:
        text: text of the heading.
        level: level from 1 to 6.

    Returns:
        The element.
    """
    return raw(esc(text), cls="tb-heading", tag=f"h{level}")


def note(text: str) -> Any:
    """Create a paragraph of small print."""
    return raw(esc(text), cls="tb-note", tag="p")


def button(
    label: str, on_click: Callable[[], Any], *, cls: str = "", aria_label: str = "", **more: Any
) -> None:
    """Show a button.

    Args:
        label: text on the button.
        on_click: called without arguments.
        cls: CSS class.
        aria_label: name for a screen reader, if the text alone is unclear.
        more: further arguments for `solara.Button`.
    """
    attributes = {"aria-label": aria_label} if aria_label else {}
    classes = [cls] if cls else []
    solara.Button(label, on_click=on_click, classes=classes, attributes=attributes, **more)


@contextlib.contextmanager
def card(title: str, *, cls: str = "", level: int = 2) -> Iterator[None]:
    """Open a section with a heading.

    Args:
        title: text of the heading.
        cls: further CSS classes.
        level: level of the heading.

    Yields:
        Nothing. Elements that are created in the context belong to the section.
    """
    with box(cls=f"tb-card {cls}".strip(), tag="section"):
        heading(title, level)
        yield


@contextlib.contextmanager
def details(title: str, on_toggle: Callable[[], object] | None = None) -> Iterator[None]:
    """Open a part of the page that is hidden until its title is pressed.

    Args:
        title: text that shows and hides the part.
        on_toggle: called without arguments when the title is pressed.

    Yields:
        Nothing. Elements that are created in the context belong to the part.
    """
    with box(tag="details", cls="tb-details"):
        summary = box(title, tag="summary")
        if on_toggle:
            solara.v.use_event(summary, "click", lambda *_: on_toggle())
        yield


def show_error(t: Words, error: str) -> None:
    """Show an error from the model or an input.

    Args:
        t: texts in the display language.
        error: English text on one line. Nothing is shown for an empty text.
    """
    if error:
        raw(esc(t.translate(error)), cls="tb-trouble", tag="p")


def select(
    label: str,
    options: Mapping[str, Any],
    value: Any,
    on_choose: Callable[[Any], object],
    **more: Any,
) -> None:
    """Show a drop-down list.

    Args:
        label: label of the field.
        options: values by text.
        value: chosen value. A value that is not an option leaves the field empty.
        on_choose: called with the value of the chosen option.
        more: ``search`` (whether to choose by typing) and ``error`` (message at the field).
    """

    def choose(key: str, text: str) -> None:
        if text in options:
            on_choose(options[text])

    chosen = next((text for text, option in options.items() if option == value), "")
    field = {"key": "choice", "label": label, "options": list(options), "value": chosen} | more
    widget_element(NumberFields, fields=[field], words={}, answer=choose)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], cls: str = "tb-outcomes") -> str:
    """Build an HTML table, in which the first cell of a row is its header.

    Args:
        heads: texts of the column headers.
        rows: cells as HTML.
        cls: CSS class.
    """
    top = el("tr", *(el("th", esc(head), scope="col") for head in heads))
    body = [
        el("tr", el("th", first, scope="row"), *(el("td", cell) for cell in rest))
        for first, *rest in rows
    ]
    return el("table", el("thead", top), el("tbody", *body), class_=cls)


def widget_element(kind: type, **traits: Any) -> Any:
    """Create an element of a widget class.

    Args:
        kind: class, to which reacton adds the method ``element``.
        traits: traits and event handlers.

    Returns:
        The element.
    """
    return kind.element(**traits)  # pyright: ignore[reportAttributeAccessIssue]


def chart(session: Session, title: str, **traits: Any) -> Any:
    """Create a chart over the days of the run.

    Args:
        session: session of the visitor.
        title: title and text alternative.
        traits: traits that override the values from the session.

    Returns:
        The element.
    """
    choice = session.choice.value
    common = {
        "title": title,
        "text": title,
        "start": choice.scenario(0).start.isoformat(),
        "days": choice.days,
        "words": CHART_WORDS | session.words.part("chart"),
    }
    return widget_element(LiveChart, **(common | traits))


def follow(
    session: Session, element: Any, values: Callable[[], Mapping[str, Any]], every: float = 0.3
) -> None:
    """Update an element while worlds run, and when the language changes.

    Args:
        session: session that holds the worlds.
        element: element of a widget.
        values: returns traits that are not among the element's arguments.
        every: seconds between updates.
    """

    session.language.get()  # Otherwise a rendering with equal arguments would be skipped.
    latest = solara.use_ref(values)
    latest.current = values
    part: Any = solara.use_ref(None)
    remove: Any = solara.use_ref(None)

    def find() -> None:
        # The widget is searched only once. When threads render at the same time, the effect of a
        # later rendering can get an element that is not on the page. If the element has been
        # replaced, the effect of the rendering that replaced it finds the widget.
        if part.current is None:
            with contextlib.suppress(KeyError):
                html_widget = solara.get_widget(element)
                part.current = LiveTrait(html_widget, lambda: latest.current(), every)
                remove.current = session.live_widgets.add(part.current)
        if part.current is not None:
            session.live_widgets.refresh(part.current)  # `values` may have changed.

    solara.use_effect(find)
    solara.use_effect(lambda: lambda: remove.current() if remove.current else None, [])


@solara.component
def LiveMarkup(
    session: Session,
    html: Callable[[], str],
    cls: str = "",
    every: float = 0.3,
    tag: str = "div",
):
    """Show markup that follows the run.

    Args:
        session: the session that holds the worlds.
        html: returns the markup, in which every text is escaped.
        cls, tag: CSS class and tag of the element.
        every: seconds between updates.
    """
    element = widget_element(Markup, tag=tag, attributes={"class": cls})
    follow(session, element, lambda: {"unsafe_innerHTML": html()}, every)


def use_changes(changes: Changes) -> int:
    """Render a component again after changes by other threads, and return their count.

    Args:
        changes: counter of the changes. A page waits `_PAUSE` seconds between two renderings.
    """
    number, set_number = solara.use_state(changes.number)

    def watch() -> Callable[[], None]:
        over = threading.Event()

        def wait() -> None:
            count = -1
            while not over.is_set():
                new = changes.wait(count, _CHECK)
                if new != count and not over.is_set():
                    count = new
                    set_number(new)
                    over.wait(_PAUSE)

        threading.Thread(target=wait, name="changes", daemon=True).start()
        return over.set

    solara.use_effect(watch, [])
    return number
