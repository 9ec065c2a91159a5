# SPDX-License-Identifier: GPL-3.0-or-later
"""What a zstd frame holds, by the library that besom itself uses."""
import ctypes


class Buffer(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t), ("at", ctypes.c_size_t)]


library = ctypes.CDLL("libzstd.so.1")
library.ZSTD_createDStream.restype = ctypes.c_void_p
library.ZSTD_freeDStream.argtypes = [ctypes.c_void_p]
library.ZSTD_decompressStream.restype = ctypes.c_size_t
library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.POINTER(Buffer), ctypes.POINTER(Buffer)]


def content(frame):
    """The content so far, and whether the frame ends there."""
    stream, found, left = library.ZSTD_createDStream(), b"", 1
    room = ctypes.create_string_buffer(1 << 20)
    frame = ctypes.create_string_buffer(frame, len(frame))
    source, full = Buffer(ctypes.addressof(frame), len(frame), 0), True
    while source.at < source.size or full:
        target = Buffer(ctypes.addressof(room), len(room), 0)
        left = library.ZSTD_decompressStream(stream, target, source)
        if library.ZSTD_isError(ctypes.c_size_t(left)):
            raise ValueError("not a zstd frame")
        found += room.raw[:target.at]
        full = target.at == target.size
        if left == 0:
            break
    library.ZSTD_freeDStream(stream)
    return found, left == 0 and source.at == source.size
