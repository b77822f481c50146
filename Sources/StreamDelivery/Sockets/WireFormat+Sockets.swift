import DurableLog
import StreamCore

extension WireFormat {
    /// One WebSocket message per event, which is its payload: text where that is UTF-8, as JSON is, and binary elsewhere.
    public static func socketMessages(_ framing: any SocketFraming) -> WireFormat {
        WireFormat(name: "ws/" + framing.name) { event, bytes in
            event.event.payload.withUnsafeBytes { payload in
                framing.append(payload, isText: isUTF8(payload), to: &bytes)
            }
        }
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}
