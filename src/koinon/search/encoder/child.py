"""The process in which an encoder runs. It knows nothing of Koinon or Django, and may die at any moment without harm.

Called as `python child.py FD NICE nano ENGINE MODEL` or `… onnx FOLDER`; FD is its end of a socket. It sends one frame when it
is ready, then one for each that it gets. A frame is its length, a number and a mark (4 + 4 + 1 bytes, network order), and what
follows: on the way in texts, each with its length before it; on the way out float32 numbers, row after row. When the
socket closes, because whoever asked is gone, it ends at once, in the middle of a text if need be.
"""

import contextlib
import ctypes
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

HEAD = struct.Struct("!IIB")
SIZE = struct.Struct("!I")
WELL, FAILED = 0, 1
MOST_MEMORY = 1024 * 1024 * 1024
"""Bytes of address space for the bundled encoder, which uses some 200 MB of it."""

Embed = Callable[[bytes, bool], bytes]


def nano(engine: str, model: str) -> Embed:
    """The bundled encoder, through its C interface alone: its Python part would bring numpy."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = ctypes.CDLL(engine)
    library.e5_load.restype = ctypes.c_void_p
    library.e5_load.argtypes = [ctypes.c_char_p]
    library.e5_dim.argtypes = [ctypes.c_void_p]
    library.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    loaded = library.e5_load(os.fsencode(model))
    if not loaded:
        raise SystemExit("the model cannot be read")
    out = (ctypes.c_float * library.e5_dim(loaded))()

    def embed(text: bytes, is_query: bool) -> bytes:
        if library.e5_embed(loaded, text, int(is_query), out) != 0:
            raise ValueError
        return bytes(out)

    return embed


def onnx(folder: str) -> Embed:
    """A folder as sentence-transformers writes it: `model.onnx` (here or in `onnx/`), `tokenizer.json`, and how to pool."""
    import importlib
    import json

    import numpy as np

    # Packages of the operator's, not ours.
    onnxruntime = importlib.import_module("onnxruntime")
    tokenizers = importlib.import_module("tokenizers")

    place = Path(folder)

    def told(name: str) -> dict[str, object]:
        file = place / name
        return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}

    model = next((f for f in (place / "model.onnx", place / "onnx" / "model.onnx") if f.exists()), None)
    if model is None:
        raise SystemExit("no model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
    wanted = {entry.name for entry in session.get_inputs()}
    tokenizer = tokenizers.Tokenizer.from_file(str(place / "tokenizer.json"))
    tokenizer.enable_truncation(512)
    by_first = bool(told("1_Pooling/config.json").get("pooling_mode_cls_token"))
    prompts = told("config_sentence_transformers.json").get("prompts")
    prompts = prompts if isinstance(prompts, dict) else {}
    before_query = str(prompts.get("query", ""))
    before_passage = str(prompts.get("passage", prompts.get("document", "")))

    def embed(text: bytes, is_query: bool) -> bytes:
        words = tokenizer.encode((before_query if is_query else before_passage) + text.decode())
        given = {
            "input_ids": np.array([words.ids], np.int64),
            "attention_mask": np.array([words.attention_mask], np.int64),
            "token_type_ids": np.array([words.type_ids], np.int64),
        }
        out = session.run(None, {name: value for name, value in given.items() if name in wanted})[0]
        row = out[0] if out.ndim == 2 else out[0, 0] if by_first else out[0].mean(axis=0)
        row = row.astype(np.float32)
        return bytes((row / max(float(np.linalg.norm(row)), 1e-9)).tobytes())

    return embed


def _read(line: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; where the line ends, so does the process."""
    parts = bytearray()
    while len(parts) < size:
        try:
            got = line.recv(min(size - len(parts), 1 << 16))
        except OSError:
            got = b""
        if not got:
            os._exit(0)
        parts += got
    return bytes(parts)


def _texts(body: bytes) -> list[bytes]:
    texts, at = [], 0
    while at < len(body):
        (size,) = SIZE.unpack_from(body, at)
        texts.append(body[at + SIZE.size : at + SIZE.size + size])
        at += SIZE.size + size
    return texts


def main(words: list[str]) -> None:
    with contextlib.suppress(OSError):
        os.nice(int(words[1]))
    line = socket.socket(fileno=int(words[0]))
    asked: SimpleQueue[tuple[int, int, bytes]] = SimpleQueue()

    def read() -> None:
        while True:
            size, number, mark = HEAD.unpack(_read(line, HEAD.size))
            asked.put((number, mark, _read(line, size)))

    # It reads beside the work, so that it notices at once when nobody is there any more.
    threading.Thread(target=read, daemon=True).start()
    embed = nano(*words[3:]) if words[2] == "nano" else onnx(*words[3:])
    embed(b"ready", True)
    line.sendall(HEAD.pack(0, 0, WELL))
    while True:
        number, is_query, body = asked.get()
        try:
            answer, mark = b"".join(embed(text, bool(is_query)) for text in _texts(body)), WELL
        except Exception:
            answer, mark = b"", FAILED
        line.sendall(HEAD.pack(len(answer), number, mark) + answer)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BrokenPipeError:
        os._exit(0)
