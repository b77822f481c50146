import DurableLog

/// What goes wrong with a call of the file system.
public struct FileFailure: Sendable, Hashable {
    /// The calls that can go wrong.
    public enum Call: Sendable, Hashable, CaseIterable {
        /// Writing bytes.
        case write
        /// Reading bytes.
        case read
        /// Reserving room.
        case allocate
        /// Syncing a file.
        case sync
        /// Syncing a directory.
        case syncDirectory
        /// Opening or making a file.
        case open
        /// Changing a file's size.
        case truncate
        /// Giving a file or directory another name.
        case rename
        /// Giving a file a second name.
        case link
        /// Removing a file.
        case remove
        /// Making a directory.
        case makeDirectory
        /// Removing a directory.
        case removeDirectory
        /// Listing a directory.
        case list
        /// Asking for a file's size.
        case status
        /// Taking a file's lock.
        case lock
    }

    /// How it goes wrong.
    public enum Kind: Sendable, Hashable {
        /// The device is full (`ENOSPC`); of a write, nothing is written.
        case full
        /// An input/output error (`EIO`). A sync that fails so leaves the bytes readable, and never on disk.
        case inputOutput
        /// Only so many bytes are written, and that is told.
        case short(Int)
        /// Only so many bytes are written; the next write finds the device full.
        case shortThenFull(Int)
    }

    /// Which call.
    public var call: Call
    /// Which of these calls from now on, counted from 1.
    public var number: Int
    /// How.
    public var kind: Kind
    /// How many calls go wrong in a row; 1 by default.
    public var times: Int

    /// A failure from its parts.
    public init(_ call: Call, number: Int = 1, _ kind: Kind, times: Int = 1) {
        self.call = call
        self.number = number
        self.kind = kind
        self.times = times
    }

    func error(_ path: String) -> FileError {
        switch kind {
        case .inputOutput:
            FileError(call: "\(call)", path: path, number: SystemErrorNumber.inputOutput, meaning: "injected I/O error")
        case .full, .short, .shortThenFull:
            FileError(call: "\(call)", path: path, number: SystemErrorNumber.full, meaning: "injected: no space left")
        }
    }
}
