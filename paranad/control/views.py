"""Turns the rooms' records into the API's forms."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from paranad.alerts.digest import Day, counts_of, lines_of, message_of
from paranad.alerts.heartbeat import Pulse
from paranad.alerts.language import Language
from paranad.bridge.loop import Bridge
from paranad.catalogue import DescribedTask
from paranad.configuration.durations import format_duration
from paranad.control import schemas, schemas_acts, schemas_digest, schemas_schedule, schemas_shipments, schemas_status
from paranad.control.views_args import shown_args
from paranad.on_demand.service import OnDemand
from paranad.orders.service import Count
from paranad.outside import LastSync, Outside, ShopAnswer
from paranad.pauses import Kind, Target
from paranad.queue.model import Attempt, Enqueued, Job
from paranad.queue.pause import Pause
from paranad.said import Said
from paranad.schedule.entries import CatchUp
from paranad.schedule.loop import EntryView, Run
from paranad.shipments.candidates import Candidate, Comparison, Side
from paranad.shipments.model import Look, Shipment, ShipmentAttempt, ShipmentState, Suspicion
from paranad.shipments.phone import masked, without_phones
from paranad.shipments.settle import Report
from paranad.store.file import Store
from paranad.store.reader import Page

T = TypeVar("T")
V = TypeVar("V")

CLASSES_SHOWN = 5
"""Of how many unknown classes in the shop's `jobs` table the rows are counted one by one."""


class Views:
    """Shows records with their instants in *zone*."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def at(self, instant: datetime) -> datetime:
        """Return *instant* with the zone's offset."""
        return instant.astimezone(self.zone)

    def at_or_none(self, instant: datetime | None) -> datetime | None:
        """Return *instant* with the zone's offset, or None."""
        return instant and instant.astimezone(self.zone)

    def courier(self, outside: Outside) -> schemas_status.Courier:
        """Show the courier's limit, and whether it accepts the account."""
        state, account = outside.limiter.state(), outside.account
        refused = account.reason if account and not account.accepted else None
        return schemas_status.Courier(
            limiter=schemas_status.Limiter(
                used=state.used,
                limit=state.limit,
                window_s=state.window.total_seconds(),
                waiting=state.waiting,
                closed_until=self.at_or_none(state.closed_until),
                another=state.another,
                another_until=self.at_or_none(state.another_until),
            ),
            door=self.door(outside),
            login="unknown" if account is None else "refused" if refused else "ok",
            **said_fields(refused),
        )

    def door(self, outside: Outside) -> schemas_status.Door:
        """Show what the courier's door lets through."""
        door = outside.breaker.door
        return schemas_status.Door(
            state=door.state.value,
            since=self.at_or_none(door.since),
            next_try_at=self.at_or_none(door.next_try_at),
            **said_fields(door.reason),
        )

    def shop(self, answer: ShopAnswer) -> schemas_status.Shop:
        """Show whether the shop's database answers."""
        return schemas_status.Shop(reachable=answer.reachable, **said_fields(answer.reason))

    def last_sync(self, sync: LastSync | None) -> schemas_status.LastSync | None:
        """Show the latest line of the shop's sync log, or None."""
        if sync is None:
            return None
        return schemas_status.LastSync(**(asdict(sync) | {"at": self.at(sync.at)}))

    def orders(self, count: Count | None) -> schemas_status.OrderCounts:
        """Show how many orders have no shipment; None: unknown."""
        if count is None:
            return schemas_status.OrderCounts(without_shipment=None, oldest_at=None, known=False)
        return schemas_status.OrderCounts(
            without_shipment=count.orders,
            oldest_at=self.at_or_none(count.oldest_at),
            known=True,
            automatic=count.auto_create,
        )

    def store(self, store: Store) -> schemas_status.Store:
        """Show whether queue.db is there and takes what is written."""
        failing = store.watch.gone or store.writer.failing
        return schemas_status.Store(healthy=failing is None, **said_fields(failing))

    def heartbeat(self, pulse: Pulse | None) -> schemas_status.Heartbeat | None:
        """Show how the heartbeat's address stands; None: there is none."""
        if pulse is None:
            return None
        return schemas_status.Heartbeat(
            host=pulse.host,
            answered_at=self.at_or_none(pulse.answered_at),
            failing_since=self.at_or_none(pulse.failing_since),
            withheld_since=self.at_or_none(pulse.withheld_since),
            **said_fields(pulse.withheld or pulse.reason),
        )

    def digest(self, day: Day, language: Language) -> schemas_digest.Digest:
        """Show a digest, in *language* as the alert command gets it."""
        lines = lines_of(day, self.zone)
        return schemas_digest.Digest(
            since=self.at(day.since),
            at=self.at(day.until),
            language=language,
            message=message_of(lines, language),
            lines=[schemas.remark_of(line) for line in lines],
            counts=schemas_digest.DigestCounts.model_validate(counts_of(day)),
        )

    def bridge(self, bridge: Bridge) -> schemas_status.Bridge:
        """Show whether the shop's `jobs` table is worked, and what stands in its `failed_jobs`."""
        state, trouble, unreadable = bridge.state, bridge.failed.trouble, bridge.unreadable.standing
        last = unreadable[-1] if unreadable else None
        return schemas_status.Bridge(
            mode=state.mode.value,
            active=state.active,
            **said_fields(state.reason),
            left=dict(bridge.left.most_common(CLASSES_SHOWN)),
            unreadable=len(unreadable),
            last_unreadable=last and schemas_status.UnreadableRow(uuid=last.uuid, **said_fields(last.reason)),
            trouble=trouble and trouble.text,
            trouble_why=schemas.remark_of(trouble),
        )

    def php(self, bridge: Bridge, on_demand: OnDemand, refused: Said | None) -> schemas_status.Php:
        """Show what waits for PHP, whether a worker comes for it, and who tells of a status that changed."""
        work, off, standing = bridge.php.work, bridge.nothing_apart, on_demand.standing
        lack = None if off else on_demand.lacking
        cure = None if off else lack.cure if lack else on_demand.cure
        return schemas_status.Php(
            mode="on-demand" if bridge.rule.on_demand else "leave",
            status_notices="php" if bridge.rule.notices and not refused else "rows",
            notices_refused=refused and refused.text,
            notices_refused_why=schemas.remark_of(refused),
            state="off" if off else standing.state.value,
            **said_fields(off or (lack.reason if lack else on_demand.why)),
            waiting=work.waiting,
            by_class=dict(Counter(work.by_class).most_common(CLASSES_SHOWN)),
            oldest_due_at=self.at_or_none(work.oldest_due_at),
            reserved=work.reserved,
            runs=None if off else standing.runs,
            last_run_at=self.at_or_none(standing.last_run_at),
            cure=cure.text if cure else None,
            cure_why=schemas.remark_of(cure),
        )

    def job(self, job: Job) -> schemas.Job:
        """Show a job, with its attempts if they were read."""
        return schemas.Job(
            id=job.id,
            task=job.task,
            args=shown_args(job),
            queue=job.queue,
            origin=job.origin.value,
            state=job.state.value,
            tries=job.tries,
            tries_spent=job.tries_spent,
            due_at=self.at(job.due_at),
            created_at=self.at(job.created_at),
            started_at=self.at_or_none(job.started_at),
            finished_at=self.at_or_none(job.finished_at),
            unique_key=job.unique_key,
            result=job.result,
            **said_fields(job.error, "error"),
            attempts=[self.attempt(attempt) for attempt in job.attempts],
        )

    def attempt(self, attempt: Attempt) -> schemas.Attempt:
        """Show an attempt."""
        return schemas.Attempt(
            number=attempt.number,
            started_at=self.at(attempt.started_at),
            finished_at=self.at(attempt.finished_at),
            outcome=attempt.outcome.value,
            counted=attempt.counted,
            **said_fields(attempt.error, "error"),
            traceback=attempt.traceback,
        )

    def pause(self, pause: Pause) -> schemas.Pause:
        """Show a pause."""
        since, until = self.at_or_none(pause.since), self.at_or_none(pause.until)
        return schemas.Pause(since=since, until=until, reason=pause.reason, by=pause.by)

    def pause_or_none(self, pause: Pause | None) -> schemas.Pause | None:
        """Show a pause, or None."""
        return None if pause is None else self.pause(pause)

    def gone_entries(self, pauses: Mapping[Target, Pause], names: Collection[str]) -> list[schemas_schedule.GoneEntry]:
        """Show the paused entries that are none of *names*: the configuration no longer has them."""
        gone = {target.name: pause for target, pause in pauses.items() if target.kind is Kind.ENTRY}
        return [
            schemas_schedule.GoneEntry(name=name, pause=self.pause(each))
            for name, each in gone.items()
            if name not in names
        ]

    def task(self, task: DescribedTask, entries: Sequence[str], *, pause: Pause | None, due: int) -> schemas_acts.Task:
        """Show a task; *entries* run it, *due* jobs of it wait while it is paused."""
        facts = task.facts
        return schemas_acts.Task(
            name=facts.name,
            summary=facts.summary,
            command=task.program and list(task.program),
            args=[schemas_acts.Argument.model_validate(asdict(each)) for each in task.arguments],
            tries=facts.tries,
            timeout_s=facts.timeout.total_seconds(),
            queue=task.queue,
            one_per=facts.one_per and facts.one_per.value,
            schedule=list(entries),
            paused=pause is not None,
            pause=self.pause_or_none(pause),
            due=due,
        )

    def entry(self, view: EntryView) -> schemas_schedule.Entry:
        """Show a schedule entry."""
        entry, every = view.entry, view.entry.catch_up is CatchUp.ALL
        return schemas_schedule.Entry(
            name=entry.name,
            task=entry.task,
            cron=entry.cron.expression,
            cron_words=entry.cron.words,
            timezone=entry.cron.zone.key,
            own_timezone=entry.own_zone,
            enabled=entry.enabled,
            **said_fields(view.off, "off"),
            paused=view.paused,
            pause=self.pause_or_none(view.pause),
            last=view.last and self.run(view.last),
            last_job_state=view.last_job_state and view.last_job_state.value,
            next=self.at_or_none(view.next_at),
            task_paused=view.task_paused,
            catch_up=entry.catch_up.value,
            catch_up_limit=entry.catch_up_limit if every else None,
            catch_up_window=format_duration(window) if every and (window := entry.catch_up_window) else None,
            overlap=entry.overlap.value,
            jitter=format_duration(entry.jitter) if entry.jitter else None,
            alert=entry.alert,
            expect_within=format_duration(entry.expect_within) if entry.expect_within else None,
            waiting=view.waiting,
        )

    def run(self, run: Run) -> schemas_schedule.Run:
        """Show what became of an occurrence."""
        return schemas_schedule.Run(
            occurrence=self.at(run.occurrence),
            outcome=run.outcome.value,
            **said_fields(run.reason),
            job_id=run.job_id,
            job_state=run.job_state and run.job_state.value,
        )

    def shipment(
        self, shipment: Shipment, next_look_at: datetime | None = None, job: Job | None = None
    ) -> schemas_shipments.Shipment:
        """Show an order's row in the shipment journal, with the job that waits to send it."""
        return schemas_shipments.Shipment(
            order_id=shipment.order_id,
            state=shipment.state.value,
            reference=shipment.reference,
            courier_id=shipment.courier_id,
            **said_fields(shipment.reason),
            unconfirmed=shipment.unconfirmed,
            suspicions=[self.suspicion(suspicion) for suspicion in shipment.suspicions],
            absences=shipment.absences,
            next_look_at=self.at_or_none(next_look_at),
            job=job and self.waiting_job(job),
            look=self.look(shipment.look) if shipment.look and shipment.state is ShipmentState.INTENDED else None,
            attempts=[self.shipment_attempt(attempt) for attempt in shipment.attempts],
            intended_at=self.at(shipment.intended_at),
            created_at=self.at_or_none(shipment.created_at),
            recorded_at=self.at_or_none(shipment.recorded_at),
        )

    def waiting_job(self, job: Job) -> schemas_shipments.WaitingJob:
        """Show the job that sends a shipment."""
        return schemas_shipments.WaitingJob(id=job.id, due_at=self.at(job.due_at), **said_fields(job.error))

    def shipment_attempt(self, attempt: ShipmentAttempt) -> schemas_shipments.ShipmentAttempt:
        """Show a create-order request; the phone by its last three digits."""
        return schemas_shipments.ShipmentAttempt(
            number=attempt.number,
            phone=masked(attempt.phone),
            price=attempt.price,
            sent_at=self.at(attempt.sent_at),
            answered_at=self.at_or_none(attempt.answered_at),
            outcome=attempt.outcome.value,
            **said_fields(attempt.reason, "detail"),
        )

    def suspicion(self, suspicion: Suspicion) -> schemas_shipments.Suspicion:
        """Show why the order may have been sent by something else."""
        return schemas_shipments.Suspicion(
            **said_fields(suspicion.said),
            since=self.at(suspicion.since),
            known_at=self.at(suspicion.known_at),
        )

    def look(self, look: Look) -> schemas_shipments.Look:
        """Show what the courier's last list said of an unclear shipment."""
        return schemas_shipments.Look(at=self.at(look.at), **said_fields(look.reason))

    def comparison(self, order_id: int, comparison: Comparison) -> schemas_shipments.Candidates:
        """Show an order beside what may be its shipment at the courier."""
        return schemas_shipments.Candidates(
            order_id=order_id,
            order=comparison.order and self.side(comparison.order),
            order_reason=comparison.order_reason and comparison.order_reason.text,
            order_why=schemas.remark_of(comparison.order_reason),
            items=[self.candidate(each) for each in comparison.candidates],
            **said_fields(comparison.reason),
        )

    def candidate(self, candidate: Candidate) -> schemas_shipments.Candidate:
        """Show a courier order that may be the shipment."""
        return schemas_shipments.Candidate(
            courier_id=candidate.courier_id,
            reason=candidate.why.text,
            why=schemas.remark_of(candidate.why),
            row=candidate.row and self.side(candidate.row),
            status=candidate.status,
            order_id=candidate.order_id,
            same=list(candidate.same),
        )

    def side(self, side: Side) -> schemas_shipments.Side:
        """Show one side of a comparison, with every phone by its last three digits."""
        return schemas_shipments.Side(
            name=side.name and without_phones(side.name),
            phone=side.phone and masked(side.phone),
            address=side.address and without_phones(side.address),
            price=None if side.price is None else float(side.price),
            notes=side.notes and without_phones(side.notes),
            created_at=self.at_or_none(side.created_at),
            unreadable=list(side.unreadable),
        )


def said_fields(said: Said | None, name: str = "reason") -> dict[str, Any]:
    """Return the field *name*, which has the English of *said*, and `why`, which has its code and values."""
    return {name: said and said.text, "why": schemas.remark_of(said)}


def show_enqueued(enqueued: Enqueued) -> schemas.EnqueuedJob:
    """Show the queue's answer to a request."""
    return schemas.EnqueuedJob(id=enqueued.job_id, duplicate=enqueued.duplicate)


def show_reconciled(report: Report) -> schemas_shipments.Reconciled:
    """Show what a look at the courier's list brought."""
    return schemas_shipments.Reconciled(**asdict(report))


def show_page(page: Page[T], show: Callable[[T], V]) -> schemas.Page[V]:
    """Show a page of records."""
    return schemas.Page(items=[show(item) for item in page.items], next_cursor=page.next_cursor)
