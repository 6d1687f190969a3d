"""The only place that knows all parts: settings in, a working app out."""

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from docqa.embeddings.registry import create_embedder
from docqa.services.answering import AnsweringService
from docqa.services.cache_states import CacheStates
from docqa.services.checklists import ChecklistService
from docqa.services.code import CodeService
from docqa.services.conversations import ConversationService
from docqa.services.coverage import CoverageService
from docqa.services.duplicates import DUPLICATES, DuplicateService
from docqa.services.engines import EngineService
from docqa.services.estimating import EstimatingService
from docqa.services.exporting.service import ExportService
from docqa.services.generation import AnswerWriter
from docqa.services.incoming import clean
from docqa.services.ingestion import IngestionService
from docqa.services.jobs import JobRunner
from docqa.services.lanes import Lane, Routine
from docqa.services.library import LibraryService
from docqa.services.pages import PageService
from docqa.services.planning import PlanningService
from docqa.services.processes import WorkerPool
from docqa.services.publishing import Publisher
from docqa.services.ranking import PassageRanker
from docqa.services.repositories import Repositories
from docqa.services.review_jobs import REVIEW
from docqa.services.review_runner import ReviewRunner
from docqa.services.reviewing import ReviewService
from docqa.services.scans import ScanService
from docqa.services.searching import SearchingService
from docqa.services.serving.service import ServingService
from docqa.services.sources import PREVIEW, SourceService
from docqa.services.versions import VersionService
from docqa.services.warming import WarmingService
from docqa.services.watching import WatchingService
from docqa.services.workspaces import WorkspaceService
from docqa.settings import Settings
from docqa.store.store import Store

MAX_WORKERS = 8
REVIEWS_AT_ONCE = 2
LOAD_EMBEDDER_S = 20.0
"""After the start, when the first page is drawn and nobody has asked yet."""


@dataclass(frozen=True, slots=True)
class App:
    """The services of one installation. `start` works jobs off in the background."""

    settings: Settings
    store: Store
    workspaces: WorkspaceService
    library: LibraryService
    ingestion: IngestionService
    scans: ScanService
    sources: SourceService
    watching: WatchingService
    duplicates: DuplicateService
    versions: VersionService
    answering: AnsweringService
    estimating: EstimatingService
    coverage: CoverageService
    warming: WarmingService
    reviewing: ReviewService
    exporting: ExportService
    conversations: ConversationService
    checklists: ChecklistService
    code: CodeService
    engines: EngineService
    searching: SearchingService
    pages: PageService
    planning: PlanningService
    serving: ServingService
    jobs: JobRunner
    pools: tuple[WorkerPool, ...]

    def start(self) -> None:
        """Take up interrupted jobs and work in the background until `close`."""
        self.library.finish_erasing()
        self.store.collect_originals()
        clean(self.settings)
        self.sources.clean()
        self.answering.adopt()
        self.reviewing.adopt()
        self.jobs.start()

    def close(self) -> None:
        """End threads, workers, engine and database."""
        self.jobs.close()
        for pool in self.pools:
            pool.close()
        self.engines.close()
        self.store.close()

    @staticmethod
    def samples() -> Path:
        """The folder of sample documents: in a clone beside the package, in a wheel inside it."""
        packaged = Path(str(resources.files("docqa"))) / "webapp" / "samples"
        return packaged if packaged.is_dir() else Path(__file__).parent.parent / "data" / "samples"


def build_app(settings: Settings) -> App:
    """Put the parts together; opens the database and migrates it if need be.

    Raises:
        StoreError: If the database cannot be opened.
    """
    store = Store(settings.home)
    store.search.rebuild_outdated()
    workers = settings.workers or min(os.cpu_count() or 1, MAX_WORKERS)
    readers, drawers = WorkerPool(settings, workers), WorkerPool(settings, 1)
    reporters = WorkerPool(settings, 1)
    publisher = Publisher(store, map_tokens=settings.map_tokens)
    engines = EngineService(settings, store)
    planning = PlanningService(settings, engines)
    repositories = Repositories(settings)
    ingestion = IngestionService(settings, store, readers, publisher, repositories)
    sources = SourceService(settings, store, ingestion, repositories)
    answering = AnsweringService(settings, store, engines, publisher)
    warming = WarmingService(settings, store, engines, publisher)
    publisher.changed = warming.pack_changed
    library = LibraryService(settings, store, publisher, warming, repositories)
    ranker = PassageRanker(store, create_embedder(settings.semantic))
    duplicates = DuplicateService(store, library)
    writer = AnswerWriter(settings, store, engines, publisher, ranker=ranker)
    reviewing = ReviewService(settings, store, engines, publisher)
    reviewer = ReviewRunner(settings, store, engines, publisher)
    runner = JobRunner(
        store.jobs,
        {
            "ingest": ingestion.handle,
            PREVIEW: sources.handle,
            DUPLICATES: duplicates.handle,
            "answer": writer.handle,
            "warm": warming.handle,
            REVIEW: reviewer.handle,
        },
        (
            Lane("ingest", ("ingest",), 1),
            Lane(PREVIEW, (PREVIEW,), 2),
            Lane(DUPLICATES, (DUPLICATES,), 1),
            Lane("answer", ("answer",), settings.questions_at_once),
            Lane("warm", ("warm",), 1),
            Lane(REVIEW, (REVIEW,), REVIEWS_AT_ONCE),
        ),
    )
    for service in (ingestion, sources, duplicates, answering, warming, reviewing):
        service.runner = runner
    watching = WatchingService(settings, store, sources)
    runner.add_routine(watching.routine())
    if routine := warming.routine():
        runner.add_routine(routine)
    if ranker.semantic:
        runner.add_routine(Routine("embedder", LOAD_EMBEDDER_S, ranker.prepare))
    estimating = EstimatingService(settings, store, engines, publisher, CacheStates(store, engines))
    return App(
        settings=settings,
        store=store,
        workspaces=WorkspaceService(store, library),
        library=library,
        ingestion=ingestion,
        scans=ScanService(settings, store, ingestion),
        sources=sources,
        watching=watching,
        duplicates=duplicates,
        versions=VersionService(store),
        answering=answering,
        estimating=estimating,
        coverage=CoverageService(settings, store, estimating),
        warming=warming,
        reviewing=reviewing,
        exporting=ExportService(settings, store, reporters),
        conversations=ConversationService(store),
        checklists=ChecklistService(store, settings.user),
        code=CodeService(settings, store),
        engines=engines,
        searching=SearchingService(store, publisher, ranker),
        pages=PageService(settings, library, drawers),
        planning=planning,
        serving=ServingService(settings, detect=planning.gpus),
        jobs=runner,
        pools=(readers, drawers, reporters),
    )
