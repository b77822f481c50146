#if Curl
    import StreamTransport
    import Testing
    import WireProtocols

    @testable import CurlTransports

    @Suite("A transfer between libcurl and its reader")
    struct TransferMachineTests {
        let start = ContinuousClock.now

        private func machine(limit: Int = 10) -> TransferMachine {
            TransferMachine(
                limit: limit, deadlines: ExchangeDeadlines(.none, start: start, hopStart: start))
        }

        private func take(_ machine: inout TransferMachine, _ text: String) -> TransferMachine.Verdict {
            Array(text.utf8).withUnsafeBytes { machine.take($0) }
        }

        /// What a reader gets, in a word, and whether the transfer is to go on.
        private func read(_ machine: inout TransferMachine) -> (String, resumes: Bool) {
            var resumes = false
            return switch machine.read(resumes: &resumes) {
            case .chunk(let bytes): (String(decoding: bytes, as: UTF8.self), resumes)
            case .end: ("<end>", resumes)
            case .failure(let error): ("<\(error.code)>", resumes)
            case .nothing: ("<nothing>", resumes)
            }
        }

        private let head = ExchangeResponseHead(status: 200)
        private let failure = TransportError(.connectionLost, "lost")

        @Test("All that has come is handed out in one piece, and nothing twice")
        func onePiece() {
            var machine = machine()
            let goesOn = machine.headArrived(head, method: "GET", at: start)
            #expect(goesOn)
            #expect(machine.head == head)
            #expect(read(&machine) == ("<nothing>", false))
            #expect(take(&machine, "ab") == .taken)
            #expect(take(&machine, "c") == .taken)
            #expect(machine.received == 3)
            #expect(read(&machine) == ("abc", false))
            #expect(read(&machine) == ("<nothing>", false))
        }

        @Test("A full buffer pauses, refuses until it is read, and then the transfer is to go on, once")
        func pausing() {
            var machine = machine()
            #expect(take(&machine, "0123456") == .taken)
            #expect(take(&machine, "0123456") == .takenLast)
            #expect(take(&machine, "x") == .paused)
            #expect(take(&machine, "x") == .paused)
            #expect(machine.isPaused)
            #expect(machine.received == 14)
            #expect(read(&machine) == ("01234560123456", true))
            #expect(!machine.isPaused)
            #expect(take(&machine, "x") == .taken)
            #expect(read(&machine) == ("x", false))
        }

        @Test("What came before the end is read before it", arguments: [true, false])
        func end(isSuccess: Bool) {
            var machine = machine()
            _ = take(&machine, "0123456789")
            _ = take(&machine, "x")
            let isFirst = machine.finish(isSuccess ? .success(()) : .failure(failure))
            #expect(isFirst)
            #expect(take(&machine, "y") == .unwanted)
            // Nothing is to go on that has ended.
            #expect(read(&machine) == ("0123456789", false))
            for _ in 0..<2 { #expect(read(&machine) == (isSuccess ? "<end>" : "<connectionLost>", false)) }
        }

        @Test("After these ends nobody reads on", arguments: [TransportError.Code.cancelled, .totalTimeout, .shutDown])
        func hardEnd(code: TransportError.Code) {
            var machine = machine()
            _ = take(&machine, "ab")
            _ = machine.finish(.failure(TransportError(code, "over")))
            #expect(read(&machine) == ("<\(code)>", false))
        }

        @Test("Only the first end counts")
        func firstEnd() {
            var machine = machine()
            let answers = [
                machine.finish(.failure(failure)), machine.finish(.success(())),
                machine.headArrived(head, method: "GET", at: start),
            ]
            #expect(answers == [true, false, false])
            #expect(machine.head == nil)
            #expect(read(&machine) == ("<connectionLost>", false))
        }

        @Test("A length that makes no sense ends the transfer; a length is kept for messages")
        func lengths() throws {
            var machine = machine()
            _ = machine.headArrived(
                ExchangeResponseHead(status: 200, headers: ["content-length": "7"]), method: "GET", at: start)
            #expect(machine.expected == 7)
            var other = self.machine()
            let headers = try HeaderFields([("content-length", "7"), ("content-length", "8")])
            let goesOn = other.headArrived(
                ExchangeResponseHead(status: 200, headers: headers), method: "GET", at: start)
            #expect(!goesOn)
            #expect(other.head == nil)
            #expect(read(&other) == ("<malformedResponse>", false))
        }
    }
#endif
