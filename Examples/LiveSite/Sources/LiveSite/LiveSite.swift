import AgentKit
import ArgumentParser
import DurableLog
import Foundation
import Hummingbird
import HummingbirdDelivery
import NIODelivery
import ProgressTracking
import StreamDelivery
import StreamRecovery

/// A site on which agents write web pages while their visitors watch.
@main
struct LiveSite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A web site on which agents write pages while you watch.",
        discussion: """
            Open the printed address. A brief goes in; sixteen agents write the parts of a page, and every open browser sees each word as it is written. \
            Cut the connection, load the page again, kill the server and start it: nothing is lost, nothing comes twice. Without --provider a scripted model \
            writes, which needs no network.
            """)

    @Option(help: "The port; 0 for one that is free.")
    var port = 8080

    @Option(help: "The address to listen on; 0.0.0.0 for phones in the same network.")
    var host = "127.0.0.1"

    @Option(help: "Where pages are kept: a directory, or 'memory'.")
    var store = ".live-site"

    @OptionGroup(title: "Model")
    var model: ModelOptions

    func run() async throws {
        let log: any EventLog = store == "memory" ? MemoryEventLog() : try FileEventLog(directory: store)
        var runStore = RunStore(log: log, recovery: RecoveryManager())
        runStore.progress = RunProgressOptions(prices: model.prices)
        let agent = StreamingAgent(
            name: PageWriter.agentName, model: model.makeModel(), instructions: ContentGenerator.instructions
        ) {
            $0.sampling.temperature = model.temperature
            $0.sampling.maxOutputTokens = 2048
        }
        let runs = AgentRuns(store: runStore, agents: [agent], limit: model.concurrent)
        let writer = PageWriter(log: log, runs: runs) { page, error in
            FileHandle.standardError.write(Data("LiveSite: \(page) cannot be written: \(error)\n".utf8))
        }
        let site = Site(log: log, writer: writer, host: host, port: port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            group.addTask { try await writer.run() }
            group.addTask { try await site.run() }
            // Whichever ends first ends the others: the site, when the process is asked to.
            defer { group.cancelAll() }
            try await group.next()
            // Runs under way stay in the log, from where the next process goes on.
            await runs.drain(within: .zero)
        }
        if let log = log as? FileEventLog { await log.shutDown() }
    }
}
