"""A browser, Chromium, in a page of ours: is compression agreed, and does everything come back? Not among the groups
that are played by default: see scripts/test-browser.
"""
import http.server
import json
import queue
import shutil
import threading

from harness import PATIENCE, Failure, holds
from messages import LARGE, SIZES
from websockets_peer import LARGEST

# As the browser passes on what the server has answered.
AGREED = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"

PAGE = """<!doctype html><meta charset="utf-8"><title>hawser</title><script>
const report = (story) => fetch('/report', { method: 'POST', body: JSON.stringify(story) });
const prose = (size) => 'Ahoj! Ships and harbours. '.repeat(size / 26 + 1).slice(0, size);
const noise = (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes;
};
const messages = SIZES.flatMap((size) => [prose(size), new TextEncoder().encode(prose(size)), noise(size)]);
const equal = (some, others) => some.length === others.length && some.every((byte, at) => byte === others[at]);
const same = (sent, data) => typeof sent === 'string' ? sent === data
    : data instanceof ArrayBuffer && equal(sent, new Uint8Array(data));
const story = { echoed: 0, of: messages.length };
const socket = new WebSocket('ws://ADDRESS/');
socket.binaryType = 'arraybuffer';
const next = () => story.echoed < messages.length ? socket.send(messages[story.echoed]) : socket.close(1000);
socket.onopen = () => { story.extensions = socket.extensions; next(); };
socket.onmessage = ({ data }) => {
    if (!same(messages[story.echoed], data)) { story.wrong = story.echoed; socket.close(3000); return; }
    story.echoed++;
    next();
};
socket.onclose = ({ code, wasClean }) => report({ ...story, code, wasClean });
</script>"""


def run(stage):
    browser = shutil.which("chromium-headless-shell")
    if not browser:
        stage.skip("a browser", "there is no chromium-headless-shell", 4)
        return
    with Page() as page:
        echo = stage.echo("--max-size", LARGEST)
        stage.check("a browser to hws_echo", talks, stage, browser, page, echo, SIZES, AGREED)
        stage.check("a browser to hws_echo, 1 and 16 MiB", talks, stage, browser, page, echo, LARGE, AGREED)
        plain = stage.echo("--no-deflate")
        stage.check("a browser to hws_echo --no-deflate", talks, stage, browser, page, plain, SIZES, "")
        picky = stage.echo("--origin", page.url, "--origin-required")
        stage.check("a browser to hws_echo --origin", talks, stage, browser, page, picky, SIZES, AGREED)


def talks(stage, browser, page, address, sizes, agreed):
    page.text = PAGE.replace("SIZES", json.dumps(sizes)).replace("ADDRESS", address)
    profile = stage.tmp / "browser"
    shown = stage.start(browser, "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                        "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-proxy-server", page.url)
    try:
        story = page.reports.get(timeout=2 * PATIENCE)  # a browser starts slowly
    except queue.Empty:
        raise Failure(f"the page does not report: {shown.last_words()}") from None
    finally:
        shown.stop()
    expected = {"echoed": 3 * len(sizes), "of": 3 * len(sizes), "extensions": agreed, "code": 1000, "wasClean": True}
    holds(story == expected, f"{story}, not {expected}")


class Page:
    """Serves the text, whatever is asked for, and queues what the page reports."""

    def __enter__(self):
        self.text, self.reports = "", queue.Queue()
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(page.text.encode())

            def do_POST(self):
                page.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer(b"")

            def answer(self, body):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
