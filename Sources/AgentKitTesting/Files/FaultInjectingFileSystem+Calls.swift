package import DurableLog
import StreamCore
import Synchronization

extension FaultInjectingFileSystem: FileSystem {
    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        try perform { (state) throws(FileError) in
            try state.meet(.open, path)
            let number: Int
            switch (state.disk.names[path], mode) {
            case (.file, .createNew): throw refused("open", path, SystemErrorNumber.exists)
            case (.file(let found), _): number = found
            case (nil, .create), (nil, .createNew):
                guard state.disk.names[VirtualDisk.parent(of: path)] == .directory else { throw missing("open", path) }
                number = state.disk.makeFile(path)
            default: throw missing("open", path)
            }
            defer { state.nextDescriptor += 1 }
            state.open[state.nextDescriptor] = number
            return state.nextDescriptor
        }
    }

    package func close(_ file: Int32) {
        state.withLock { state in
            if let number = state.open.removeValue(forKey: file), state.locks[number] == file {
                state.locks[number] = nil
            }
        }
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, at position: Int
    ) throws(FileError) -> Int {
        // The pointer is used within the call only; it is handed in as an array since closures of a lock take no such thing.
        let bytes = Array(bytes)
        return try perform { (state) throws(FileError) in
            let number = try state.file(file)
            var count = bytes.count
            if let failure = state.next(.write) {
                switch failure.kind {
                case .full, .inputOutput: throw failure.error("")
                case .short(let most): count = max(1, min(most, count))
                case .shortThenFull(let most):
                    count = max(1, min(most, count))
                    state.failures.append(FileFailure(.write, .full))
                }
            }
            let size = state.disk.files[number]?.cached.count ?? 0
            try state.checkRoom(max(0, position + count - size))
            bytes.withUnsafeBytes {
                state.disk.files[number]?.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: position)
            }
            return count
        }
    }

    package func read(
        into bytes: UnsafeMutableRawBufferPointer, from file: Int32, at position: Int
    ) throws(FileError) -> Int {
        let count = bytes.count
        let found = try perform { (state) throws(FileError) -> ArraySlice<UInt8> in
            try state.meet(.read, "")
            let cached = state.disk.files[try state.file(file)]?.cached ?? []
            return cached.dropFirst(position).prefix(count)
        }
        bytes.copyBytes(from: found)
        return found.count
    }

    package func allocate(_ file: Int32, at position: Int, count: Int) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.allocate, "")
            let number = try state.file(file)
            let size = state.disk.files[number]?.cached.count ?? 0
            try state.checkRoom(max(0, position + count - size))
            state.disk.files[number]?.resize(to: max(size, position + count))
        }
    }

    package func truncate(_ file: Int32, to size: Int) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.truncate, "")
            state.disk.files[try state.file(file)]?.resize(to: size)
        }
    }

    package func status(of file: Int32) throws(FileError) -> FileStatus {
        try perform { (state) throws(FileError) in
            try state.meet(.status, "")
            let number = try state.file(file)
            return FileStatus(size: state.disk.files[number]?.cached.count ?? 0, number: UInt64(number))
        }
    }

    package func sync(_ file: Int32) throws(FileError) {
        try perform { (state) throws(FileError) in
            let number = try state.file(file)
            if let failure = state.next(.sync) {
                state.disk.files[number]?.failSync()
                throw failure.error("")
            }
            state.disk.files[number]?.sync()
        }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.syncDirectory, path)
            state.disk.syncDirectory(path)
        }
    }

    package func makeDirectory(_ path: String) throws(FileError) -> Bool {
        try perform { (state) throws(FileError) in
            try state.meet(.makeDirectory, path)
            guard state.disk.names[path] == nil else { return false }
            guard state.disk.names[VirtualDisk.parent(of: path)] == .directory else { throw missing("mkdir", path) }
            state.disk.change(.set(path, .directory))
            return true
        }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.removeDirectory, path)
            guard state.disk.names[path] == .directory else { throw missing("rmdir", path) }
            state.disk.change(.set(path, nil))
        }
    }

    package func remove(_ path: String) throws(FileError) -> Bool {
        try perform { (state) throws(FileError) in
            try state.meet(.remove, path)
            guard case .file = state.disk.names[path] else { return false }
            state.disk.change(.set(path, nil))
            return true
        }
    }

    package func rename(_ path: String, to newPath: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.rename, path)
            guard state.disk.names[path] != nil else { throw missing("rename", path) }
            state.disk.change(.move(path, to: newPath))
        }
    }

    package func link(_ path: String, to newPath: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.meet(.link, path)
            guard let entry = state.disk.names[path] else { throw missing("link", path) }
            state.disk.change(.set(newPath, entry))
        }
    }

    package func list(_ path: String) throws(FileError) -> [String]? {
        try perform { (state) throws(FileError) -> [String]? in
            try state.meet(.list, path)
            return state.disk.names[path] == .directory ? state.disk.children(of: path) : nil
        }
    }

    package func lock(_ file: Int32) throws(FileError) -> Bool {
        try perform { (state) throws(FileError) in
            try state.meet(.lock, "")
            let number = try state.file(file)
            guard state.locks[number] == nil else { return false }
            state.locks[number] = file
            return true
        }
    }

    package var bootIdentity: [UInt8]? { [UInt8](repeating: state.withLock { $0.boot }, count: 16) }

    private func perform<Value: Sendable>(
        _ body: (inout State) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try state.withLock { (state) throws(FileError) in
            try state.passCall()
            return try body(&state)
        }
    }
}

private func missing(_ call: String, _ path: String) -> FileError {
    refused(call, path, SystemErrorNumber.notFound)
}

private func refused(_ call: String, _ path: String, _ number: Int32) -> FileError {
    FileError(call: call, path: path, number: number, meaning: "as the file system in memory has it")
}

extension FaultInjectingFileSystem.State {
    fileprivate func file(_ descriptor: Int32) throws(FileError) -> Int {
        guard let number = open[descriptor] else { throw missing("a call", "descriptor \(descriptor)") }
        return number
    }

    /// Counts down to the end of the machine.
    fileprivate mutating func passCall() throws(FileError) {
        guard let left = callsLeft else { return }
        guard left > 0 else { throw FileFailure(.write, .inputOutput).error("a machine that is gone") }
        callsLeft = left - 1
    }

    fileprivate func checkRoom(_ more: Int) throws(FileError) {
        guard more > 0, capacity < .max else { return }
        let size = disk.files.values.reduce(0) { $0 + $1.cached.count }
        if size + more > capacity { throw FileFailure(.write, .full).error("") }
    }

    /// The failure that is due for this call.
    fileprivate mutating func next(_ call: FileFailure.Call) -> FileFailure? {
        counts[call, default: 0] += 1
        var due: FileFailure?
        for index in failures.indices where failures[index].call == call {
            failures[index].number -= 1
            if failures[index].number <= 0, due == nil {
                failures[index].times -= 1
                due = failures[index]
            }
        }
        failures.removeAll { $0.times <= 0 }
        return due
    }

    fileprivate mutating func meet(_ call: FileFailure.Call, _ path: String) throws(FileError) {
        if let failure = next(call) { throw failure.error(path) }
    }
}
