"""Tells the journal as many events as asked for, in one batch, as the daemon does."""

import sys

from paranad.clock import SystemClock
from paranad.events.queue import JobCompleted
from paranad.log.journal import JournalSink, entries
from paranad.log.output import Log


def completed(job_id: int) -> JobCompleted:
    return JobCompleted(
        job_id=job_id, task="batch", queue="default", attempt=1, wait_ms=0, duration_ms=0, result={"changed": job_id}
    )


if __name__ == "__main__":
    log = Log("info", entries, JournalSink(), SystemClock().now)
    log.tell([completed(job_id) for job_id in range(int(sys.argv[1]))])
    sys.exit(log.close())
