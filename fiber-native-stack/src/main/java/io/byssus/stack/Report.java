package io.byssus.stack;

import io.byssus.stack.ip.ReassemblyEvent;
import io.byssus.stack.tcp.PathState;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpCounters;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpListener;
import java.util.Comparator;
import java.util.List;

/**
 * What a shard's stack knows of itself, as text: its listeners and connections as {@code netstat}
 * shows them, its counters with the names of {@code nstat} where that has one.
 */
final class Report {
    private static final String ROW = "%-5s %9d %9d %-22s %-22s %s%n";

    private final StringBuilder text = new StringBuilder();

    private Report() {}

    static String of(Host host, Steering steering) {
        Report report = new Report();
        report.connections(host);
        report.ip(host);
        report.tcp(host.tcp().counters());
        report.forwarding(steering);
        return report.text.toString();
    }

    private void connections(Host host) {
        text.append(
                String.format(
                        "%-5s %9s %9s %-22s %-22s %s%n",
                        "Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State"));
        for (TcpListener listener : host.tcp().listeners()) {
            row(
                    listener.acceptableCount(),
                    listener.halfOpenCount(),
                    listener.address() + ":" + listener.port(),
                    "0.0.0.0:*",
                    "LISTEN");
        }
        List<TcpConnection> connections = host.tcp().connections();
        connections.stream()
                .sorted(Comparator.comparingInt(TcpConnection::localPort))
                .forEach(connection ->
                        row(
                                connection.receivable(),
                                connection.queued(),
                                connection.localAddress() + ":" + connection.localPort(),
                                connection.remoteAddress() + ":" + connection.remotePort(),
                                connection.state()
                                        + path(connection.pathState())
                                        + trouble(connection.trouble())));
        text.append(String.format("%d in TIME-WAIT%n", host.tcp().timeWaitCount()));
    }

    private static String path(PathState path) {
        return String.format(
                " rtt=%dus cwnd=%d mss=%d retrans=%d",
                path.roundTripNanos() / 1000,
                path.congestionWindowBytes(),
                path.segmentBytes(),
                path.retransmittedSegments());
    }

    /** As ICMP has told, or the silence. */
    private static String trouble(TcpFailure trouble) {
        return trouble == TcpFailure.NONE ? "" : " trouble=" + trouble;
    }

    private void row(int received, int queued, String local, String remote, String state) {
        text.append(String.format(ROW, "tcp", received, queued, local, remote, state));
    }

    private void ip(Host host) {
        IpCounters ip = host.counters();
        count("IpInReceives", ip.inReceives);
        count("IpInHdrErrors", ip.inHeaderErrors);
        count("IpInAddrErrors", ip.inAddressErrors);
        count("IpInUnknownProtos", ip.inUnknownProtocols);
        count("IpInDiscards", ip.inDiscards);
        count("IpInDelivers", ip.inDelivers);
        count("IpOutRequests", ip.outRequests);
        count("IpOutDiscards", ip.outDiscards);
        count("IpOutNoRoutes", ip.outNoRoutes);
        count("IpReasmReqds", host.reassembler().counters().count(ReassemblyEvent.RECEIVED));
        count("IpReasmOKs", host.reassembler().counters().count(ReassemblyEvent.REASSEMBLED));
        count("IpReasmTimeout", host.reassembler().counters().count(ReassemblyEvent.TIMED_OUT));
        count("IcmpInMsgs", ip.inIcmpMessages);
        count("IcmpInErrors", ip.inIcmpErrors);
        count("UdpInDatagrams", ip.inUdpDatagrams);
        count("UdpNoPorts", ip.inUdpNoPorts);
        count("UdpInErrors", ip.inUdpErrors);
        count("UdpRcvbufErrors", ip.inUdpDropped);
        count("UdpOutDatagrams", ip.outUdpDatagrams);
        count("ByssusInOtherFrames", ip.inOtherFrames);
        count("ByssusInChecksumErrors", ip.inChecksumErrors);
        count("ByssusLoopbackPackets", ip.loopbackPackets);
        text.append("arp: ").append(host.neighbours().counters()).append('\n');
        text.append("device: ").append(host.device()).append('\n');
    }

    private void tcp(TcpCounters tcp) {
        count("TcpActiveOpens", tcp.activeOpens);
        count("TcpPassiveOpens", tcp.passiveOpens);
        count("TcpAttemptFails", tcp.attemptFails);
        count("TcpEstabResets", tcp.establishedResets);
        count("TcpInSegs", tcp.inSegments);
        count("TcpOutSegs", tcp.outSegments);
        count("TcpRetransSegs", tcp.retransmittedSegments);
        count("TcpInErrs", tcp.inErrors);
        count("TcpInCsumErrors", tcp.inChecksumErrors);
        count("TcpOutRsts", tcp.outResets);
        count("TcpExtPAWSEstab", tcp.pawsEstablished);
        count("TcpExtTCPChallengeACK", tcp.challengeAcks);
        count("TcpExtTCPACKSkippedChallenge", tcp.challengeAcksSuppressed);
        count("TcpExtListenOverflows", tcp.listenOverflows);
        count("TcpExtListenDrops", tcp.listenDrops);
        count("TcpExtSyncookiesSent", tcp.synCookiesSent);
        count("TcpExtSyncookiesRecv", tcp.synCookiesReceived);
        count("TcpExtSyncookiesFailed", tcp.synCookiesFailed);
        count("TcpExtTCPTimeouts", tcp.timeouts);
        count("TcpExtTCPAbortOnTimeout", tcp.abortsOnTimeout);
        count("TcpExtTCPAbortOnData", tcp.abortsOnData);
        count("TcpExtTCPAbortOnClose", tcp.abortsOnClose);
        count("TcpExtTCPKeepAlive", tcp.keepaliveProbes);
        count("TcpExtTCPWinProbe", tcp.windowProbes);
        count("TcpExtTW", tcp.timeWaited);
        count("TcpExtTCPAbortOnMemory", tcp.abortsOnMemory);
        count("TcpExtTCPMemoryPressures", tcp.memoryPressures);
        count("TcpExtTCPRcvQDrop", tcp.outOfMemory);
        count("TcpExtTCPOFODrop", tcp.outOfOrderDropped);
        count("TcpExtPruneCalled", tcp.pruneCalled);
        count("TcpExtOfoPruned", tcp.outOfOrderPruned);
        count("TcpExtTSMissing", tcp.timestampsMissing);
        count("ByssusTcpOutOfWindow", tcp.outOfWindow);
        count("ByssusTcpImplausibleAcks", tcp.implausibleAcks);
        count("ByssusTcpImplausibleErrors", tcp.implausibleErrors);
        count("ByssusTcpNoListener", tcp.noListener);
        count("ByssusTcpHalfOpenReaped", tcp.halfOpenReaped);
        count("ByssusTcpHalfOpenPruned", tcp.halfOpenPruned);
        count("ByssusTcpMemoryBytes", tcp.memoryBytes);
        count("ByssusTcpMemoryBytesHighest", tcp.memoryBytesHighest);
        count("ByssusTcpRepliesDropped", tcp.repliesDropped);
    }

    private void forwarding(Steering steering) {
        long forwarded = 0;
        long taken = 0;
        long dropped = 0;
        for (Steering.Stage stage : Steering.Stage.values()) {
            forwarded += steering.forwarded(stage);
            taken += steering.taken(stage);
            dropped += steering.dropped(stage);
        }
        count("ByssusForwarded", forwarded);
        count("ByssusForwardTaken", taken);
        count("ByssusForwardDropped", dropped);
    }

    /** What never happened is left out, as {@code nstat} does. */
    private void count(String name, long value) {
        if (value != 0) {
            text.append(String.format("%-32s %d%n", name, value));
        }
    }
}
