# Runs a command on a pseudo terminal and types an answer whenever a prompt shows, as a person would.
# Standard input: {"command": [...], "answers": [["prompt", "typed"], ...]}. Standard output: what was shown.
import json
import os
import pty
import sys
import time

DEADLINE_SECONDS = 25

order = json.load(sys.stdin)
answers = list(order["answers"])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(order["command"][0], order["command"])

shown = b""
looked = 0
ends_at = time.monotonic() + DEADLINE_SECONDS
os.set_blocking(terminal, False)
while time.monotonic() < ends_at:
    try:
        piece = os.read(terminal, 65536)
        if piece == b"":
            break
        shown += piece
    except BlockingIOError:
        time.sleep(0.01)
    except OSError:
        break
    if answers and answers[0][0].encode() in shown[looked:]:
        looked = shown.index(answers[0][0].encode(), looked) + len(answers[0][0].encode())
        # The prompt is written before the terminal stops echoing: no person is as fast as this.
        time.sleep(0.15)
        os.write(terminal, answers.pop(0)[1].encode())
else:
    os.kill(pid, 9)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
