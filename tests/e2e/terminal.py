"""A terminal of our own that a program is started at."""
import fcntl, os, pty, subprocess, termios, time

from cli import CLI


class Terminal:
    def __init__(self, *args, env=None, typed=b""):
        """typed: before the program starts."""
        self.main, self.side = pty.openpty()
        self.seen = b""
        os.write(self.main, typed)

        def adopt():
            os.setsid()
            fcntl.ioctl(self.side, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([CLI, *args], stdin=self.side, stdout=subprocess.PIPE, stderr=self.side,
                                        preexec_fn=adopt, env=env)
        os.set_blocking(self.main, False)

    def look(self):
        try:
            self.seen += os.read(self.main, 65536)
        except (BlockingIOError, OSError):
            pass

    def wait_for(self, text, seconds=600):
        end = time.monotonic() + seconds
        while text.encode() not in self.seen:
            self.look()
            if time.monotonic() > end:
                raise AssertionError(f"the terminal never shows {text!r}: {self.seen!r}")
            time.sleep(0.01)

    def echoes(self):
        return bool(termios.tcgetattr(self.side)[3] & termios.ECHO)

    def type(self, text):
        """As soon as the terminal does not echo."""
        end = time.monotonic() + 300
        while self.echoes() and time.monotonic() < end:
            time.sleep(0.01)
        os.write(self.main, text.encode())

    def press(self, key):
        os.write(self.main, key)

    def end(self):
        """The exit code; then everything the terminal showed is in seen."""
        out = self.process.communicate(timeout=900)[0]
        # What the terminal is given it passes on in order, and in its own time.
        os.write(self.side, b"\0")
        self.wait_for("\0")
        self.seen = self.seen.replace(b"\0", b"")
        code = self.process.returncode
        echoes = self.echoes()
        os.close(self.main)
        os.close(self.side)
        if not echoes:
            raise AssertionError("the terminal is left without echo")
        return code, out.decode(), self.seen.decode(errors="replace")
