package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.Flow;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs that a segment arrives on another shard than the one that owns its flow: a client
 * asks a host with two shards, all on one core; the questions arrive where the parameter says, and
 * the answers leave from the owner in any case. So the difference of two results is what passing on
 * one segment costs, but for what two cores would pay for sharing its cache lines.
 *
 * <p>Each has buffers of its own, and the device copies each frame once, as TAP does.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ForwardingBenchmark {
    private static final int CONNECTIONS = 64;
    private static final int ANSWER_BYTES = 64;

    /** The text of a full segment of 1460 bytes with timestamps. */
    private static final int FULL_BYTES = 1448;

    private static final int PORT = 80;
    private static final int MTU = 1500;
    private static final int NETWORK = 0x0a000000;
    private static final int MASK = 0xffffff00;
    private static final int OWNER = 1;
    private static final int OTHER = 0;
    private static final int CLIENT = 2;
    private static final int PARTIES = 3;
    private static final int FIRST_CLIENT_PORT = 10_000;
    private static final long MAC = 0x020000000000L;

    /** As time goes in the simulation: a turn of all takes so long. */
    private static final long TURN_NANOS = 1_000;

    /** How the questions come to their owner. */
    public enum Arrival {
        /** Its own queue. */
        DIRECT,
        /** Another's, which passes them on by their hash. */
        HASHED,
        /** Another's, which finds the flow among those that are not at home. */
        ENTERED
    }

    /** Where questions arrive. */
    @Param public Arrival arrival;

    private final BufferPool[] pools = new BufferPool[PARTIES];
    private final Wire[] wires = new Wire[PARTIES];
    private final Host[] hosts = new Host[PARTIES];
    private final TcpConnection[] clients = new TcpConnection[CONNECTIONS];
    private final TcpConnection[] servers = new TcpConnection[CONNECTIONS];
    private final IpAddress address = IpAddress.ofIpv4(NETWORK + 1);
    private final IpAddress clientAddress = IpAddress.ofIpv4(NETWORK + 2);
    private long now = TURN_NANOS;
    private int current;
    private Buffer small;
    private Buffer full;

    /** Whose turn it is. */
    private final class Party implements Home {
        private final int id;

        Party(int id) {
            this.id = id;
        }

        @Override
        public boolean isCurrent() {
            return current == id;
        }

        @Override
        public void execute(Runnable task) {
            int before = current;
            current = id;
            task.run();
            current = before;
        }
    }

    private static final class Nobody implements TcpListener.User {
        @Override
        public void onOpened() {}

        @Override
        public void onAcceptable() {}

        @Override
        public void onGone() {}
    }

    /** A queue of a device: what is sent there arrives at the target, in its buffers. */
    private final class Wire implements LinkDevice {
        private final int id;
        private final ArrayDeque<Buffer> arrived = new ArrayDeque<>();

        Wire(int id) {
            this.id = id;
        }

        private int target() {
            if (id != CLIENT) {
                return CLIENT;
            }
            return arrival == Arrival.DIRECT ? OWNER : OTHER;
        }

        @Override
        public long macAddress() {
            return id == CLIENT ? MAC + 2 : MAC + 1;
        }

        @Override
        public int mtu() {
            return MTU;
        }

        @Override
        public Buffer receive() {
            return arrived.poll();
        }

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void send(Buffer frame, long offload) {
            int target = target();
            current = target;
            Buffer copy = pools[target].allocate(frame.length());
            current = id;
            copy.put(0, frame);
            frame.close();
            wires[target].arrived.add(copy);
        }

        @Override
        public void close() {}
    }

    /** Opens all connections, to the one shard that listens. */
    @Setup
    public void open() {
        SharedState shared = new SharedState(2, new SplittableRandom(1));
        for (int id = 0; id < PARTIES; id++) {
            pools[id] = new BufferPool(new Party(id), BufferPool.Mode.RECYCLING);
            wires[id] = new Wire(id);
        }
        for (int id = 0; id < PARTIES; id++) {
            current = id;
            hosts[id] =
                    host(
                            id,
                            id == CLIENT
                                    ? Steering.single(new SplittableRandom(id))
                                    : new Steering(id, shared));
        }
        current = OWNER;
        TcpListener listener =
                hosts[OWNER]
                        .tcp()
                        .listen(address, PORT, CONNECTIONS, TcpSettings.DEFAULTS, new Nobody());
        int port = FIRST_CLIENT_PORT;
        for (int i = 0; i < CONNECTIONS; i++) {
            port = nextPort(port, new Steering(OWNER, shared));
            if (arrival == Arrival.ENTERED) {
                enter(shared, Flow.ports(PORT, port));
            }
            current = CLIENT;
            clients[i] =
                    hosts[CLIENT]
                            .tcp()
                            .connect(
                                    now,
                                    clientAddress,
                                    port,
                                    address,
                                    PORT,
                                    TcpSettings.DEFAULTS,
                                    e -> {});
            do {
                turn();
                current = OWNER;
                servers[i] = hosts[OWNER].tcp().accept(listener);
            } while (servers[i] == null);
        }
        current = CLIENT;
        small = pools[CLIENT].allocate(ANSWER_BYTES);
        full = pools[CLIENT].allocate(FULL_BYTES);
    }

    /** A port whose flow is at home at the owner, or, if it is to be entered, is not. */
    private int nextPort(int last, Steering steering) {
        int home = arrival == Arrival.ENTERED ? OTHER : OWNER;
        int port = last;
        do {
            port++;
        } while (steering.home(
                        address.high(),
                        address.low(),
                        clientAddress.high(),
                        clientAddress.low(),
                        Flow.ports(PORT, port))
                != home);
        return port;
    }

    /** As a listen policy would have it: else nobody would pass the SYN on. */
    private void enter(SharedState shared, int ports) {
        boolean entered =
                shared.owners()
                        .put(
                                new Flow() {
                                    @Override
                                    public long localHigh() {
                                        return address.high();
                                    }

                                    @Override
                                    public long localLow() {
                                        return address.low();
                                    }

                                    @Override
                                    public long remoteHigh() {
                                        return clientAddress.high();
                                    }

                                    @Override
                                    public long remoteLow() {
                                        return clientAddress.low();
                                    }

                                    @Override
                                    public int ports() {
                                        return ports;
                                    }
                                },
                                OWNER);
        if (!entered) {
            throw new IllegalStateException("ports=" + ports);
        }
    }

    private Host host(int id, Steering steering) {
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(new Ipv4Subnet(NETWORK + (id == CLIENT ? 2 : 1), MASK)),
                        Ipv4Configuration.NO_GATEWAY,
                        MTU,
                        wires[id].macAddress());
        return new Host(
                now,
                configuration,
                TcpLimits.DEFAULTS,
                wires[id],
                pools[id],
                new SplittableRandom(id),
                steering);
    }

    private void turn() {
        for (int id = 0; id < PARTIES; id++) {
            current = id;
            hosts[id].turn(now);
        }
        now += TURN_NANOS;
    }

    /** Gives everything back. */
    @TearDown
    public void close() throws IOException {
        for (int id = 0; id < PARTIES; id++) {
            current = id;
            hosts[id].close();
        }
    }

    /** Questions of 64 bytes and their answers: per question. */
    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public void smallSegments() {
        exchange(small);
    }

    /** Questions that fill a segment, and answers of 64 bytes: per question. */
    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public void fullSegments() {
        exchange(full);
    }

    private void exchange(Buffer question) {
        current = CLIENT;
        for (TcpConnection client : clients) {
            client.send(question.share());
        }
        int answered = 0;
        while (answered < CONNECTIONS) {
            turn();
            current = OWNER;
            for (TcpConnection server : servers) {
                Buffer asked = server.receive();
                if (asked != null) {
                    asked.trim(ANSWER_BYTES);
                    server.send(asked);
                }
            }
            current = CLIENT;
            for (TcpConnection client : clients) {
                Buffer answer = client.receive();
                if (answer != null) {
                    answer.close();
                    answered++;
                }
            }
        }
    }
}
