"""What is said where compression is agreed: sizes around every limit, of what gets shorter and of what does not."""
import base64
import random

SIZES = [0, 1, 125, 126, 127, 128, 1000, 4095, 4096, 65535, 65536]
LARGE = [2**20, 2**24]
LONGEST_LINE = 2**22 - 2  # by hand a line of the input is a message, and has 4 MiB at most
FAR = [300, 600, 1100, 5000, 20000, 40000]  # said twice, each is as far behind itself as windows are wide

PROSE = "Ahoj! Grüße an alle Häfen, с приветом 船 ⚓, "
dice = random.Random(7692)


def prose(size):
    """A text of so many bytes that gets much shorter; hws_cat prints it as it is."""
    whole = (PROSE * (size // len(PROSE.encode()) + 1)).encode()[:size].decode(errors="ignore")
    return whole + "." * (size - len(whole.encode()))


def letters(size):
    """A text that gets a quarter shorter."""
    return base64.b64encode(dice.randbytes(size))[:size].decode()


def pattern(size):
    return (bytes(range(256)) * (size // 256 + 1))[:size]


SMALL_MESSAGES = [kind(size) for size in SIZES for kind in (prose, letters, pattern, dice.randbytes)]
SMALL_MESSAGES += [message for size in FAR for message in [dice.randbytes(size)] * 2]
SMALL_LINES = [kind(size) for size in SIZES for kind in (prose, letters)]
SMALL_LINES += [message for size in FAR for message in [letters(size)] * 2]


def large_messages():
    return [kind(size) for size in LARGE for kind in (prose, letters, pattern, dice.randbytes)]


def large_lines():
    return [kind(size) for size in (LARGE[0], LONGEST_LINE) for kind in (prose, letters)]


def short(sent):
    """How many of them any compressor makes shorter."""
    return sum(message[:4] == PROSE[:4] and len(message) >= 100 for message in sent)


def printed(message):
    """What hws_cat makes of it."""
    return "0x" + message.hex() if isinstance(message, bytes) else message


def name(agreed):
    """Parameters as a name: those that are neither off nor left out."""
    parts = [key if value is True else f"{key}={value}" for key, value in agreed.items() if value]
    return ", ".join(parts) or "no parameters"
