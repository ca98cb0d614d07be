"""What cv2's functions take: pictures, masks, sizes, numbers, colours; all else is refused."""

from __future__ import annotations

from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.containers import ListValue
from jaxcar.program.layout import known_array, lay_in_rows
from jaxcar.program.tensors import Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

UINT8 = np.dtype(np.uint8)
_SHAPES = {
    None: "a picture of shape (height, width) or (height, width, 3)",
    True: "a colour picture of shape (height, width, 3)",
    False: "a mask of shape (height, width)",
}
_CHANNELS = 4  # of OpenCV's scalars, and of most of its functions


def picture(trace: Trace, value: Any, name: str, channels: bool | None = None) -> Tensor:
    """Return a picture of uint8, u8[H, W] or u8[H, W, C]; a last axis of 1 goes, as in OpenCV.

    Args:
        trace: the present tracing.
        value: what the program gives.
        name: of the function.
        channels: True for a picture of three channels, False for one channel, None for any.
    """
    value = trace.present(value)
    if isinstance(value, Window):
        trace.refuse(
            "JC406", f"cv2.{name} of {describe(value)} is not supported yet", fix=fixes.WINDOW
        )
    if not is_numeric(value) or as_tensor(value).dtype != UINT8:
        trace.refuse(
            "JC403",
            f"cv2.{name} takes a uint8 picture here, not {describe(value)}",
            fix="convert it: mask.astype(np.uint8) * 255",
        )
    tensor = as_tensor(value)
    if 0 in tensor.shape:
        trace.refuse(
            "JC403",
            f"cv2.{name} takes no empty picture here: this is {describe(value)}",
            fix="slice a part that has pixels",
        )
    if tensor.ndim == 3 and tensor.shape[-1] == 1 and not channels:
        tensor = Tensor(tensor.value[..., 0], UINT8, False, tensor.bounds)
    wide = tensor.ndim == 3 and 2 <= tensor.shape[-1] <= _CHANNELS
    fits = {None: tensor.ndim == 2 or wide, True: wide and tensor.shape[-1] == 3}
    if not fits.get(channels, tensor.ndim == 2):
        trace.refuse(
            "JC405",
            f"cv2.{name} of {describe(value)}: OpenCV raises cv2.error, or takes it for something "
            "else",
            fix=f"give it {_SHAPES[channels]}",
        )
    return tensor


def is_colour(tensor: Tensor) -> bool:
    """Tell whether a picture has a last axis for its channels."""
    return tensor.ndim == 3


def made(value: jax.Array, dtype: Any = UINT8, bounds: tuple[int, int] | None = None) -> Tensor:
    """Return an array that OpenCV has made: it lies in memory row by row."""
    result = Tensor(value, np.dtype(dtype), False, bounds)
    lay_in_rows(result)
    return result


def mask_of(trace: Trace, name: str, mask: Any, shape: tuple[int, ...]) -> jax.Array | None:
    """Return a mask for a picture of this shape, u8[H, W], or None."""
    if mask is None:
        return None
    chosen = picture(trace, mask, name, channels=False)
    if chosen.shape != shape[:2]:
        trace.refuse(
            "JC405",
            f"the mask of cv2.{name} has shape {chosen.shape}, the picture {shape[:2]}: "
            "OpenCV raises cv2.error",
            fix=f"give a mask of shape {shape[:2]}",
        )
    return chosen.value


def refuse_argument(trace: Trace, name: str, argument: str, value: Any, fix: str) -> NoReturn:
    """Refuse an argument that OpenCV may take, but the language does not."""
    shown = repr(value) if isinstance(value, (bool, int, float, str)) else describe(value)
    trace.refuse("JC403", f"cv2.{name} does not take `{argument}` as {shown} here", fix=fix)


def refuse_size(trace: Trace, name: str, shown: str, fix: str) -> NoReturn:
    """Refuse a size that OpenCV raises for."""
    trace.refuse("JC404", f"cv2.{name} of size {shown}: OpenCV raises cv2.error", fix=fix)


def leave_out(trace: Trace, name: str, **options: tuple[Any, Any]) -> None:
    """Refuse options that are given and differ from their defaults.

    Args:
        trace: the present tracing.
        name: of the function.
        **options: for each, what is given and the default.
    """
    for option, (value, default) in options.items():
        plain = unwrap_static(value) if is_static(value) else value
        plain = tuple(plain) if isinstance(plain, list) else plain
        if plain is None and default is None:
            continue
        same = isinstance(plain, (int, float, tuple)) and not isinstance(plain, bool)
        if not same or plain != default:
            out = option in ("dst", "edges", "hist", "mv", "idx", "mean", "stddev")
            fix = "leave it out, and assign the result to a name" if out else fixes.OPTION
            refuse_argument(trace, name, option, value, fix)


def whole(trace: Trace, name: str, argument: str, value: Any) -> int:
    """Return a whole number that is known before run time."""
    value = trace.present(value)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if not isinstance(value, Tensor) or value.ndim or value.dtype.kind not in "iu":
        trace.refuse(
            "JC404",
            f"`{argument}` of cv2.{name} is {describe(value)}: OpenCV raises cv2.error",
            fix=f"give a whole number: {argument}=3",
        )
    trace.refuse(
        "JC406",
        f"`{argument}` of cv2.{name} must be known before run time",
        fix=fixes.CONSTANT,
    )


def real(trace: Trace, name: str, argument: str, value: Any) -> float:
    """Return a number that is known before run time, as a double."""
    value = trace.present(value)
    number = isinstance(value, (int, float, np.integer, np.floating))
    if number and not isinstance(value, bool) and np.isfinite(value):
        return float(value)
    if isinstance(value, Tensor) and not value.ndim and value.dtype.kind in "iuf":
        trace.refuse(
            "JC406",
            f"`{argument}` of cv2.{name} must be known before run time",
            fix=fixes.CONSTANT,
        )
    refuse_argument(trace, name, argument, value, "give a finite number")


def size(trace: Trace, name: str, argument: str, value: Any) -> tuple[int, int]:
    """Return a size or a place of two whole numbers that are known before run time."""
    value = trace.present(value)
    known = known_array(value)
    plain = known if known is not None else unwrap_static(value) if is_static(value) else None
    if not isinstance(plain, (tuple, list, np.ndarray)) and is_static(value):
        plain = ()
    if plain is None:
        trace.refuse(
            "JC406",
            f"`{argument}` of cv2.{name} must be known before run time",
            fix=fixes.CONSTANT,
        )
    numbers = list(plain)
    good = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers)
    if len(numbers) != 2 or not good:
        trace.refuse(
            "JC404",
            f"`{argument}` of cv2.{name} is not two whole numbers: OpenCV raises cv2.error",
            fix=f"give (width, height): {argument}=(3, 3)",
        )
    return int(numbers[0]), int(numbers[1])


def kernel_of(trace: Trace, name: str, value: Any) -> np.ndarray:
    """Return a kernel, an array [h, w] of finite numbers that is known before run time."""
    value = trace.present(value)
    known = known_array(value)
    if known is None:
        if is_numeric(value) and np.ndim(getattr(value, "value", value)):
            trace.refuse(
                "JC406",
                f"the kernel of cv2.{name} must be known before run time",
                fix="write it where it is used: np.ones((5, 5), np.uint8)",
            )
        refuse_argument(trace, name, "kernel", value, "give np.ones((5, 5), np.uint8)")
    kernel = known[None] if known.ndim == 1 else known  # as OpenCV 5 takes a vector
    if kernel.ndim != 2 or not kernel.size or kernel.dtype.kind == "b":
        refuse_argument(trace, name, "kernel", value, "give np.ones((5, 5), np.uint8)")
    if not np.all(np.isfinite(kernel)):
        refuse_argument(trace, name, "kernel", value, "give finite numbers")
    return kernel


def python_number(trace: Trace, name: str, argument: str, value: Any) -> Tensor:
    """Return a number that is Python's own, an int or float, as OpenCV's scalars need it."""
    value = trace.present(value)
    if is_numeric(value) and not np.ndim(getattr(value, "value", value)):
        number = as_tensor(value)
        if number.dtype.kind in "if" and number.python is True:
            return number
        if number.dtype.kind in "iuf" and number.python is False:
            trace.refuse(
                "JC404",
                f"`{argument}` of cv2.{name} holds {describe(value)}: OpenCV raises cv2.error",
                fix="make it a Python number: int(x)",
            )
    refuse_argument(trace, name, argument, value, "give numbers: (255, 0, 0)")


def scalar(
    trace: Trace, name: str, argument: str, value: Any, channels: int
) -> list[Tensor | None]:
    """Return OpenCV's scalar, one number for each channel; None where it is 0 by default.

    Args:
        trace: the present tracing.
        name: of the function.
        argument: whose value it is.
        value: a Python number, or a tuple or list of up to four.
        channels: how many channels there are.
    """
    value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is not None:
        refuse_argument(trace, name, argument, value, "give as many as the picture has channels")
    if isinstance(value, (tuple, ListValue)):
        items = list(value.items if isinstance(value, ListValue) else value)
    elif is_numeric(value) and np.ndim(getattr(value, "value", value)):
        trace.refuse(
            "JC404",
            f"`{argument}` of cv2.{name} is {describe(value)}: OpenCV raises cv2.error",
            fix="write a tuple of Python numbers: (255, 0, 0)",
        )
    else:
        items = [value]
    if len(items) > _CHANNELS or not items:
        refuse_argument(trace, name, argument, value, "give as many as the picture has channels")
    numbers = [python_number(trace, name, argument, item) for item in items]
    rest: list[Tensor | None] = [None] * max(channels - len(numbers), 0)
    return [*numbers, *rest][:channels]


def saturated(number: Tensor | None) -> jax.Array:
    """Return a number of a scalar as u8[]: rounded half to even, within 0 and 255."""
    if number is None:
        return jnp.uint8(0)
    value = number.value
    if number.dtype.kind == "f":
        value = jnp.rint(jnp.where(jnp.isnan(value), 0, value))
    return jnp.clip(value, 0, 255).astype(jnp.uint8)


def colour_of(trace: Trace, name: str, argument: str, value: Any, tensor: Tensor) -> jax.Array:
    """Return a colour for a picture, u8[C], or u8[] for one channel."""
    channels = tensor.shape[-1] if is_colour(tensor) else 1
    numbers = [saturated(n) for n in scalar(trace, name, argument, value, channels)]
    return jnp.stack(numbers) if is_colour(tensor) else numbers[0]
