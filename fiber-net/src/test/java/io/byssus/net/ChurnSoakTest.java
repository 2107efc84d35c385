package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import io.byssus.testing.OpenDescriptors;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that connect, send, stop, reset, time out and are cancelled at random, against echo
 * servers of which some reset, too. The model: what comes back is what was sent, from its first
 * byte on; all of it and then the end, unless somebody gave the connection up.
 */
@Tag("soak")
class ChurnSoakTest {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(StackUnderTest.LOOPBACK, 0);
    private static final int CLIENTS = 12;
    private static final int CONNECTIONS = 200;
    private static final int BYTES_MAX_LOG = 18;
    private static final Duration PAUSE = Duration.ofNanos(300_000);

    /** How a connection ends. */
    private enum Fate {
        COMPLETE,
        COMPLETE_AFTER_TIMEOUTS,
        CLIENT_CLOSES,
        CLIENT_RESETS,
        SERVER_RESETS,
        CANCELLED;

        boolean isComplete() {
            return this == COMPLETE || this == COMPLETE_AFTER_TIMEOUTS;
        }
    }

    /** A connection's course, known to the client; the server is told in the first byte. */
    private record Course(Fate fate, int bytes, int givenUpAfter, long seed) {
        static Course random(SplittableRandom random) {
            Fate[] fates = Fate.values();
            int bytes = 1 + random.nextInt(1 << random.nextInt(BYTES_MAX_LOG));
            return new Course(
                    fates[random.nextInt(fates.length)],
                    bytes,
                    random.nextInt(bytes),
                    random.nextLong());
        }

        byte[] content() {
            byte[] content = new byte[bytes];
            new SplittableRandom(seed).nextBytes(content);
            content[0] = (byte) (fate == Fate.SERVER_RESETS ? 1 : 0);
            return content;
        }
    }

    private final AtomicLong connections = new AtomicLong();
    private InetSocketAddress address;

    @Test
    @Timeout(600)
    void whatComesBackIsWhatWasSentAndNothingIsLeft() throws Exception {
        long seed = Seeds.next("ChurnSoakTest");
        RuntimeOptions options = new RuntimeOptions().smp(2).overprovisioned(true);
        try (Shards shards = Shards.start(options)) {
            int rounds = 0;
            churn(shards, seed, 1); // so that descriptors made lazily are there
            long descriptors = OpenDescriptors.count();
            for (SoakLength soak = SoakLength.start(); soak.goesOn(); rounds++) {
                churn(shards, seed + rounds, CONNECTIONS);
                assertThat(OpenDescriptors.count()).isEqualTo(descriptors);
            }
            System.out.println(
                    "ChurnSoakTest: " + rounds + " rounds, " + connections + " connections");
        }
    }

    private void churn(Shards shards, long seed, int connectionsPerClient) throws Exception {
        ListenOptions listening =
                seed % 2 == 0
                        ? ListenOptions.defaults()
                        : Pair.tightListen().withDistribution(Distribution.LEAST_CONNECTIONS);
        Listener[] listeners = new Listener[shards.count()];
        for (Shard shard : shards.all()) {
            address =
                    shards.submitTo(
                            shard.id(),
                            () -> {
                                Listener listener = Network.listen(LOOPBACK, listening);
                                listeners[shard.id()] = listener;
                                Fiber.start("accepting", () -> serve(listener));
                                return listener.localAddress();
                            });
        }
        shards.onEach(() -> {
            int here = Shard.current().id();
            List<Fiber<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                SplittableRandom random = new SplittableRandom(seed * 1000 + here * 100L + i);
                clients.add(Fiber.start("client", () -> live(random, connectionsPerClient)));
            }
            clients.forEach(Fiber::join);
        });
        for (Shard shard : shards.all()) {
            shards.submitTo(
                    shard.id(),
                    () -> {
                        listeners[shard.id()].close();
                        return null;
                    });
        }
        Leftovers.awaitNone(shards, 0);
        for (Shard shard : shards.all()) {
            Eventually.until(
                    "no timer is armed",
                    () -> shards.submitTo(shard.id(), () -> shard.reactor().armedTimers()) == 0);
        }
    }

    // ---- the server ----

    private static void serve(Listener listener) throws IOException {
        while (true) {
            Connection connection = listener.accept().connection();
            Fiber.start("echo", () -> echo(connection));
        }
    }

    private static void echo(Connection connection) throws IOException {
        try (connection) {
            ConnectionInput input = connection.input();
            Buffer first = input.readExactly(1);
            boolean resets = !first.isEmpty() && first.get(0) == 1;
            for (Buffer bytes = first; !bytes.isEmpty(); bytes = input.read()) {
                connection.output().write(bytes);
                if (resets) {
                    connection.output().flush();
                    connection.reset();
                    return;
                }
                connection.output().flush();
            }
        }
    }

    // ---- a client ----

    private void live(SplittableRandom random, int connectionsMax) {
        for (int i = 0; i < connectionsMax; i++) {
            Course course = Course.random(random);
            Fiber<Void> talking = Fiber.start("talking", () -> talk(course));
            if (course.fate == Fate.CANCELLED) {
                for (int pauses = random.nextInt(8); pauses > 0; pauses--) {
                    Fiber.sleep(PAUSE);
                }
                talking.cancel();
            }
            conclude(course, talking);
            connections.incrementAndGet();
        }
    }

    private static void conclude(Course course, Fiber<Void> talking) {
        try {
            talking.join();
            assertThat(course.fate).isNotEqualTo(Fate.SERVER_RESETS);
        } catch (FiberCancelledException e) {
            assertThat(course.fate).isEqualTo(Fate.CANCELLED);
        } catch (FiberFailedException e) {
            if (course.fate != Fate.SERVER_RESETS || !(e.getCause() instanceof IOException)) {
                throw e;
            }
        }
    }

    private void talk(Course course) throws IOException {
        byte[] content = course.content();
        Connection connection = Network.connect(address, options(course));
        Fiber<Void> writing = Fiber.start("writing", () -> write(connection, course, content));
        try (connection) {
            read(connection, course, content);
            if (course.fate == Fate.CLIENT_RESETS) {
                connection.reset();
            }
        } finally {
            connection.reset(); // whatever the writer still waits for
            end(writing, course);
        }
    }

    private static ConnectOptions options(Course course) {
        return course.seed % 2 == 0 ? ConnectOptions.defaults() : Pair.tightConnect();
    }

    private static void write(Connection connection, Course course, byte[] content)
            throws IOException {
        SplittableRandom random = new SplittableRandom(course.seed + 1);
        ConnectionOutput output = connection.output();
        for (int sent = 0; sent < content.length; ) {
            int length = Math.min(content.length - sent, 1 + random.nextInt(20_000));
            if (random.nextBoolean()) {
                output.write(content, sent, length);
            } else {
                Buffer buffer = Shard.current().allocate(length);
                buffer.put(0, content, sent, length);
                output.write(buffer);
            }
            if (random.nextInt(3) == 0) {
                output.flush();
            }
            sent += length;
        }
        output.flush();
        if (course.fate.isComplete()) {
            output.close();
        }
    }

    private static void read(Connection connection, Course course, byte[] content)
            throws IOException {
        SplittableRandom random = new SplittableRandom(course.seed + 2);
        ConnectionInput input = connection.input();
        int end = course.fate.isComplete() ? content.length : course.givenUpAfter;
        if (course.fate == Fate.SERVER_RESETS || course.fate == Fate.CANCELLED) {
            end = content.length;
        }
        int seen = 0;
        while (seen < end) {
            seen += readSome(input, course, random, content, seen);
        }
        if (course.fate.isComplete()) {
            input.deadline(Deadline.NONE);
            input.timeout(Duration.ZERO);
            assertThat(input.read().isEmpty()).as("the end comes after the last byte").isTrue();
        } else if (course.fate == Fate.SERVER_RESETS) {
            input.read().close(); // it must throw at last
            throw new AssertionError("no reset");
        } else if (course.fate == Fate.CANCELLED) {
            input.read().close(); // nothing comes, but the cancellation
            throw new AssertionError("no cancellation");
        }
    }

    /** How many bytes it has read, and they were right. */
    private static int readSome(
            ConnectionInput input, Course course, SplittableRandom random, byte[] content, int seen)
            throws IOException {
        if (course.fate == Fate.COMPLETE_AFTER_TIMEOUTS) {
            Duration limit = Duration.ofNanos(1 + random.nextInt(200_000));
            if (random.nextBoolean()) {
                input.timeout(limit);
            } else {
                input.deadline(Deadline.after(limit));
            }
        }
        int left = content.length - seen;
        int length = 1 + random.nextInt(Math.min(left, 30_000));
        try (Buffer buffer =
                switch (random.nextInt(3)) {
                    case 0 -> input.readExactly(length);
                    case 1 -> input.readUpTo(length);
                    default -> input.read();
                }) {
            assertThat(buffer.length()).isPositive();
            byte[] bytes = buffer.toByteArray();
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] != content[seen + i]) {
                    throw new AssertionError("byte " + (seen + i) + " is wrong in " + course);
                }
            }
            return bytes.length;
        } catch (SocketTimeoutException e) {
            assertThat(course.fate).isEqualTo(Fate.COMPLETE_AFTER_TIMEOUTS);
            return 0;
        }
    }

    /** The writer ends, by itself or because its connection was given up. */
    private static void end(Fiber<Void> writing, Course course) {
        do {
            try {
                writing.join();
            } catch (FiberFailedException e) {
                assertThat(e).hasCauseInstanceOf(IOException.class);
                assertThat(course.fate.isComplete()).as("%s", e.getCause()).isFalse();
            } catch (FiberCancelledException e) {
                assertThat(course.fate).isEqualTo(Fate.CANCELLED);
            }
        } while (!writing.isDone());
    }
}
