import Foundation
import StreamTransport
import Synchronization
import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Brings what the session says to the exchanges; the session calls it on one serial queue.
final class SessionDelegate: NSObject, URLSessionDataDelegate, Sendable {
    // Weak: the session holds its delegate until it is invalid, and the table holds the session. The exchanges under way hold
    // the table.
    private struct WeakTable {
        weak var table: ExchangeTable?
    }

    private let table = Mutex(WeakTable())

    func attach(_ table: ExchangeTable) {
        self.table.withLock { $0.table = table }
    }

    private var currentTable: ExchangeTable? { table.withLock { $0.table } }

    private func exchange(of task: URLSessionTask) -> Exchange? {
        currentTable?.exchange(of: task)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        currentTable?.endRedirect(dataTask)
        // Interim responses (RFC 9110 §15.2) are announced too, on Linux.
        if let response = response as? HTTPURLResponse, response.statusCode >= 200 {
            exchange(of: dataTask)?.headArrived(ExchangeResponseHead(response))
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchange(of: dataTask)?.bytesArrived(data)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        // The transport follows redirects by itself, to keep credentials from other origins.
        if currentTable?.beginRedirect(task) == true { completionHandler(nil) }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        // Credentials are header fields of the request; a 401 is a response like others.
        completionHandler(.performDefaultHandling, nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        currentTable?.endRedirect(task)
        let response = (task.response as? HTTPURLResponse).map { ExchangeResponseHead($0) }
        exchange(of: task)?.completed(error, response: response)
    }
}
