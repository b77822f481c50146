import DurableLog
import StreamCore

/// What an ``EventFeed`` knows, a value under its lock.
struct FeedState: Sendable {
    var window: FeedWindow
    var history: FeedHistory
    /// Whether the stream is closed, and the window has its end.
    var isClosed = false
    /// Why the feed is over, if it is; that the stream is closed is no such reason.
    var failure: FeedEnd?
    var readerCount = 0
    /// What tells of appends, and has pages at hand where the log can.
    var subscription: AppendSubscription?
    /// How often the window has changed: who has found nothing new looks again when it differs.
    private(set) var generation = 0
    // Who waits for which fetch.
    private var waiting: [Offset: [FeedReader]] = [:]
    // The filters that readers have, by their numbers; number 0 is no filter.
    private var filters: [EventFilter] = []
    // What the last pulls came to: the readers that one append wakes all ask for the same.
    private var answers: [Answer] = []

    private static let maxFilters = 64
    private static let maxAnswers = 8

    private struct Answer: Sendable {
        var question: FeedQuestion
        var cut: FeedPage.Cut
    }

    init(tail: Offset, limits: FeedLimits) {
        window = FeedWindow(floor: tail, maxBytes: limits.windowBytes)
        history = FeedHistory(maxPages: limits.historyPages)
    }

    /// Takes a page that was read after the tail.
    mutating func take(_ page: EventPage) {
        answers = []
        generation += 1
        window.append(page.events)
        // A page without events names the tail, which differs from ours where nothing of what was there is kept.
        if page.events.isEmpty, page.next != window.tail { window.reset(to: page.next) }
        if page.isAtEnd { isClosed = true }
    }

    /// The stream goes on elsewhere: what the window has is not the stream's end any more.
    mutating func reset(to tail: Offset) {
        answers = []
        generation += 1
        window.reset(to: tail)
        history.removeAll()
    }

    /// What there is for a reader, without reading the log.
    mutating func look(_ question: FeedQuestion) -> FeedLook {
        if let failure { return .end(failure) }
        if let answer = answers.first(where: { $0.question == question }) { return .cut(answer.cut) }
        switch window.place(of: question.position) {
        case .tail: return isClosed ? .end(.closed) : .tail
        case .page(let page, let count): return .page(page, count)
        case .elsewhere: return history.find(question.position).map { .page($0, $1) } ?? .elsewhere
        }
    }

    /// Keeps what a question came to for the others who ask it.
    mutating func remember(_ question: FeedQuestion, _ cut: FeedPage.Cut) {
        // Filters that cannot be told apart have no number to be found by.
        guard question.filter >= 0 else { return }
        if answers.count == FeedState.maxAnswers { answers.removeFirst() }
        answers.append(Answer(question: question, cut: cut))
    }

    /// The number of a filter: the same for equal ones, 0 for none, negative when there are too many to be told apart.
    mutating func number(of filter: EventFilter?) -> Int {
        guard let filter else { return 0 }
        if let place = filters.firstIndex(of: filter) { return place + 1 }
        guard filters.count < FeedState.maxFilters else { return -1 }
        filters.append(filter)
        return filters.count
    }

    /// Notes that a reader waits for the page after an offset.
    ///
    /// - Returns: Whether it is to be fetched, rather than being fetched already.
    mutating func wait(_ reader: FeedReader, for offset: Offset) -> Bool {
        waiting[offset, default: []].append(reader)
        return waiting[offset]?.count == 1
    }

    /// Those who wait for the page after an offset, who no longer do.
    mutating func takeWaiting(for offset: Offset) -> [FeedReader] {
        waiting.removeValue(forKey: offset) ?? []
    }

    /// All who wait for a page.
    mutating func takeAllWaiting() -> [FeedReader] {
        defer { waiting = [:] }
        return waiting.values.flatMap { $0 }
    }
}

/// What a reader asks of a feed: two that are equal have the same answer.
struct FeedQuestion: Sendable, Equatable {
    var position: Offset
    /// The filter's number.
    var filter: Int
    var format: WireFormat
    var maxBytes: Int

    static func == (one: FeedQuestion, other: FeedQuestion) -> Bool {
        one.position == other.position && one.filter == other.filter && one.maxBytes == other.maxBytes
            && (one.format === other.format || one.format.name == other.format.name)
    }
}

/// What a feed has for a reader.
enum FeedLook: Sendable {
    /// Bytes, or a place further on.
    case cut(FeedPage.Cut)
    /// The page with the next event, which has this number in it.
    case page(FeedPage, Int)
    /// The reader has everything.
    case tail
    /// Only the log can say.
    case elsewhere
    /// Nothing more will come.
    case end(FeedEnd)
}
