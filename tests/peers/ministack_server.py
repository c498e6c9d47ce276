"""AWS services that are not ours, for the integration tests: MiniStack on a free port of 127.0.0.1.

    python ministack_server.py

Prints `ready PORT` once. Ends when its standard input ends, together with every function it has started, so it never
outlives the test that started it. Its own log goes to standard error.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_ready(port, server):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"MiniStack did not answer within {PATIENCE} s (it ended with {server.poll()})")


def main():
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tenantry-ministack-") as folder:
        environment = os.environ | {
            # Its defaults listen on every address.
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "GATEWAY_PORT": str(port),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "TMPDIR": folder,
        }
        # A group of its own, so that the functions it starts end with it.
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
        )
        try:
            wait_until_ready(port, server)
            print(f"ready {port}", flush=True)
            sys.stdin.read()
        finally:
            for sign in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(server.pid, sign)
                except ProcessLookupError:
                    break
                try:
                    server.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    pass


if __name__ == "__main__":
    main()
