/// Runs a closure with a port of 127.0.0.1 on which connecting takes for ever: its queue of connections is full and nobody accepts.
///
/// It serves to test connect timeouts. The system drops the first packet of a further connection, as a firewall would.
///
/// - Parameter body: Is given the URL of the port.
/// - Throws: What the body throws, and an error when the system gives no socket.
public func withUnresponsivePort<Result>(_ body: (_ url: String) async throws -> Result) async throws -> Result {
    let (listener, port) = try Socket.listen(backlog: 0)
    defer { Socket.shut(listener) }
    // Systems round the queue's length up by a few. A connection keeps its place in the queue when it is closed, and closed it
    // is not taken for one of the client's.
    for _ in 0..<8 { Socket.shut(try Socket.beginConnecting(port: port)) }
    return try await body("http://127.0.0.1:\(port)")
}
