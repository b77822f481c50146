/// How much of a page is still free.
struct PageRoom {
    private var events: Int
    private var bytes: Int
    private var isEmpty = true
    private(set) var isFull = false

    init(_ limit: PageLimit) {
        events = limit.events
        bytes = limit.bytes
    }

    /// Whether an event with such a payload fits; the first one always does.
    mutating func take(_ count: Int) -> Bool {
        if isFull { return false }
        if !isEmpty, count > bytes {
            isFull = true
            return false
        }
        isEmpty = false
        events -= 1
        bytes -= min(count, bytes)
        isFull = events == 0 || bytes == 0
        return true
    }
}
