"""Fills HERMES_HOME by the library of whichever release of Hermes this Python has, so that schema, files and modes are its own.

Prints the release. The words CANARY are what no reader of the home may show.
"""

import os
from importlib.metadata import version
from pathlib import Path

home = Path(os.environ["HERMES_HOME"])
home.mkdir(mode=0o700, parents=True)
(home / "config.yaml").write_text(
    """\
model:
  provider: custom
  default: small-model
  base_url: http://127.0.0.1:9/v1
  api_key: CANARY-config-key
skills:
  disabled: [old-notes]
"""
)
port = os.environ["API_SERVER_PORT"]
(home / ".env").write_text(f"API_SERVER_ENABLED=true\nAPI_SERVER_KEY=CANARY-env-secret\nAPI_SERVER_PORT={port}\n")

from cron import jobs
from hermes_state import SessionDB
from tools.memory_tool import MemoryStore
from tools.skill_manager_tool import _create_skill

try:
    from cron import executions
except ImportError:
    executions = None

db = SessionDB(home / "state.db")
for number, source in enumerate(["cli", "telegram", "tool", "cli"]):
    session = f"session-{number}"
    db.create_session(session, source, model="small-model")
    db.append_message(session, "user", "CANARY-question")
    db.append_message(session, "assistant", "CANARY-answer", finish_reason="stop")
    if number == 0:
        db.set_session_title(session, "Disk <b>check</b>")
        db.end_session(session, "agent_close")
db.close()

for name, error, undelivered in [("good", None, None), ("failing", "RuntimeError: no answer", None), ("unheard", None, "chat not found")]:
    job = jobs.create_job("CANARY-prompt", "every 2h", name=name, deliver="local")["id"]
    if executions:
        run = executions.create_execution(job, source="scheduler")["id"]
        executions.mark_execution_running(run)
        executions.finish_execution(run, success=not error, error=error)
    jobs.mark_job_run(job, not error, error, undelivered)
jobs.pause_job(jobs.create_job("CANARY-prompt", "0 4 * * 0", name="paused", deliver="local")["id"], "too noisy")

memory = MemoryStore()
for target, text in [("memory", "CANARY-memory one"), ("memory", "CANARY-memory § 5\nof two lines"), ("user", "CANARY-person")]:
    assert memory.add(target, text)["success"]
for name, about, category in [("disk-report", "Reports: what fills the disk.", "devops"), ("old-notes", "Not used any more.", None)]:
    made = _create_skill(name, f"---\nname: {name}\ndescription: '{about}'\nversion: 1.0.0\n---\n\n# {name}\nCANARY-skill\n", category)
    assert made["success"], made
print(version("hermes-agent"))
