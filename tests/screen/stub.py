"""A page with a visitor's state, a button and a widget, similar to the screen."""

import threading
import time

import anywidget
import solara
import traitlets
from solara.scope import get_kernel_id

from viz.screen.panels.parts import widget_element
from viz.screen.session.visitors import VISITOR_LIMITS

STOPPED: list[str] = []  # kernels whose run the server has stopped


class EchoWidget(anywidget.AnyWidget):
    """A widget that draws on a canvas and returns its number."""

    _esm = """
    export default { render({ model, el }) {
      const note = document.createElement("p"); note.id = "drawn";
      const canvas = document.createElement("canvas"); canvas.getContext("2d").fillRect(0, 0, 9, 9);
      const draw = () => { note.textContent = "drawn " + model.get("number");
        model.set("back", model.get("number")); model.save_changes(); };
      model.on("change:number", draw); draw(); el.append(canvas, note); } }
    """
    _css = "#drawn { color: rgb(0, 114, 178) }"
    number = traitlets.Int(0).tag(sync=True)
    back = traitlets.Int(-1).tag(sync=True)


def run(stop: threading.Event) -> None:
    """Loop until the event is set."""
    while not stop.is_set():
        time.sleep(0.05)


@solara.component
def Page():  # noqa: N802
    count, set_count = solara.use_state(0)
    back, set_back = solara.use_state(-1)
    kernel_id = get_kernel_id()

    def start():
        stop = threading.Event()

        def end():
            stop.set()
            STOPPED.append(kernel_id)

        if not VISITOR_LIMITS.start(kernel_id, 1000, end):
            threading.Thread(target=run, args=(stop,), daemon=True).start()

    solara.Title("Stub")
    solara.Button(f"clicked {count}", on_click=lambda: set_count(count + 1), classes=["count"])
    solara.Button("start", on_click=start, classes=["start"])
    solara.HTML(tag="p", unsafe_innerHTML=f"back {back}", classes=["back"])
    limits = VISITOR_LIMITS
    running = f"{limits.n_visitors} here, {limits.n_running} running, {len(STOPPED)} stopped"
    solara.HTML(tag="p", unsafe_innerHTML=running, classes=["running"])
    widget_element(EchoWidget, number=count, on_back=set_back)
