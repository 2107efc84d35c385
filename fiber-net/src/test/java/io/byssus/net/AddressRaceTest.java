package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RFC 8305, under a manual clock: addresses that answer, refuse or are black holes. */
@Timeout(30)
class AddressRaceTest {
    private static final long NEVER = -1;
    private static final String SIX = "2001:db8::1";
    private static final String OTHER_SIX = "2001:db8::2";
    private static final String FOUR = "192.0.2.1";
    private static final String OTHER_FOUR = "192.0.2.2";

    /** What happens at an address, so many milliseconds after the attempt's start. */
    private record Fate(long millis, boolean refused) {}

    /** A network of which a test says what happens, and which tells what was tried. */
    private static final class Net implements AddressRace.Dialer, NameService {
        private final SteppedShard shard;
        private final Map<String, Fate> fates = new HashMap<>();
        private final List<String> log = new ArrayList<>();
        private final List<String> closed = new ArrayList<>();

        /** When each list of addresses is known; the last one is complete. */
        private final List<Map.Entry<Long, List<InetAddress>>> lookUps = new ArrayList<>();

        private AddressQueue.Families families = AddressQueue.Families.BOTH;
        private AddressRace.Pace pace = AddressRace.Pace.STAGGERED;
        private Duration limit;
        private String winner;

        Net(SteppedShard shard) {
            this.shard = shard;
        }

        Net connects(String address, long millis) {
            fates.put(address, new Fate(millis, false));
            return this;
        }

        Net refuses(String address, long millis) {
            fates.put(address, new Fate(millis, true));
            return this;
        }

        Net blackHole(String address) {
            return connects(address, NEVER);
        }

        Net known(long atMillis, String... addresses) {
            lookUps.add(Map.entry(atMillis, list(addresses)));
            return this;
        }

        Fiber<Void> race(String... known) {
            return shard.start(() -> {
                AddressRace race =
                        new AddressRace(
                                this,
                                this,
                                "host",
                                80,
                                new AddressQueue(families),
                                pace,
                                limit == null ? Long.MAX_VALUE : Deadline.after(limit).nanos());
                StackSocket socket = race.run(list(known));
                winner = socket.remoteAddress().getAddress().getHostAddress();
                log("won " + winner);
            });
        }

        private void log(String what) {
            log.add(shard.millis() + " " + what);
        }

        @Override
        public StackSocket dial(InetSocketAddress to, long deadlineNanos) throws IOException {
            String address = text(to);
            log(address);
            Fate fate = fates.get(address);
            await(fate.millis);
            if (fate.refused) {
                throw new ConnectException("refused: " + address);
            }
            return socket(to);
        }

        private static void await(long millis) {
            if (millis != 0) {
                long nanos = millis == NEVER ? 0 : Duration.ofMillis(millis).toNanos();
                new WaitPoint()
                        .await(
                                Reactor.current(),
                                nanos,
                                Long.MAX_VALUE,
                                WaitPoint.Cancellation.HEEDED,
                                "the network");
            }
        }

        private StackSocket socket(InetSocketAddress to) {
            return (StackSocket)
                    Proxy.newProxyInstance(
                            StackSocket.class.getClassLoader(),
                            new Class<?>[] {StackSocket.class},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("close")) {
                                    closed.add(text(to));
                                }
                                return method.getName().equals("remoteAddress") ? to : null;
                            });
        }

        @Override
        public List<InetAddress> known(String host) {
            return List.of();
        }

        @Override
        public List<InetAddress> resolve(
                String host, long deadlineNanos, Consumer<List<InetAddress>> early)
                throws IOException {
            for (Map.Entry<Long, List<InetAddress>> lookUp : lookUps) {
                await(lookUp.getKey() == NEVER ? NEVER : lookUp.getKey() - shard.millis());
                if (lookUp == lookUps.getLast()) {
                    if (lookUp.getValue().isEmpty()) {
                        throw new UnknownHostException(host + ": nobody knows");
                    }
                    return lookUp.getValue();
                }
                early.accept(lookUp.getValue());
            }
            throw new AssertionError("no look-up");
        }

        void assertNothingIsLeft() {
            assertThat(Fiber.liveOn(shard.reactor())).isEmpty();
            shard.pass(1100); // a failure that somebody has seen is forgotten
            assertThat(shard.reactor().armedTimers()).isZero();
        }
    }

    private static String text(InetSocketAddress address) {
        String text = Addresses.format(new InetSocketAddress(address.getAddress(), 0));
        return text.substring(0, text.length() - 2).replace("[", "").replace("]", "");
    }

    private static List<InetAddress> list(String... addresses) {
        return List.of(addresses).stream().map(InetAddress::ofLiteral).toList();
    }

    private static void run(Consumer<Net> test) throws Throwable {
        SteppedShard.run(shard -> {
            Net net = new Net(shard);
            test.accept(net);
            net.assertNothingIsLeft();
        });
    }

    @Test
    void aBlackHoleCostsAQuarterOfASecond() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.blackHole(SIX).connects(FOUR, 10).race(SIX, FOUR);
            net.shard.pass(300);
            assertThat(SteppedShard.failure(fiber)).isNull();
            assertThat(net.log).containsExactly("0 " + SIX, "250 " + FOUR, "260 won " + FOUR);
        });
    }

    @Test
    void aRefusalCostsNothing() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.refuses(SIX, 5).connects(FOUR, 10).race(SIX, FOUR);
            net.shard.pass(100);
            assertThat(SteppedShard.failure(fiber)).isNull();
            assertThat(net.log).containsExactly("0 " + SIX, "5 " + FOUR, "15 won " + FOUR);
        });
    }

    @Test
    void theFirstThatAnswersWinsAndTheLoserIsGivenUp() throws Throwable {
        run(net -> {
            net.connects(SIX, 300).connects(FOUR, 100).race(SIX, FOUR);
            net.shard.pass(400);
            assertThat(net.log).endsWith("300 won 2001:db8:0:0:0:0:0:1");
            assertThat(net.closed).isEmpty(); // it was cancelled before it connected
        });
    }

    @Test
    void aLoserThatHasConnectedToIsClosed() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.connects(SIX, 250).connects(FOUR, 0).race(SIX, FOUR);
            net.shard.pass(260);
            assertThat(SteppedShard.failure(fiber)).isNull();
            assertThat(net.closed).hasSizeLessThanOrEqualTo(1).doesNotContain(net.winner);
        });
    }

    @Test
    void familiesTakeTurns() throws Throwable {
        run(net -> {
            net.blackHole(SIX).blackHole(OTHER_SIX).blackHole(FOUR).connects(OTHER_FOUR, 0);
            net.race(SIX, OTHER_SIX, FOUR, OTHER_FOUR);
            net.shard.pass(1000);
            assertThat(net.log)
                    .containsExactly(
                            "0 " + SIX,
                            "250 " + FOUR,
                            "500 " + OTHER_SIX,
                            "750 " + OTHER_FOUR,
                            "750 won " + OTHER_FOUR);
        });
    }

    @Test
    void ipv6IsWaitedForAMoment() throws Throwable {
        run(net -> {
            net.known(10, FOUR).known(59, SIX, FOUR).connects(SIX, 1).connects(FOUR, 1).race();
            net.shard.pass(100);
            assertThat(net.log).startsWith("59 " + SIX).hasSize(2);
        });
        run(net -> {
            net.known(10, FOUR).known(61, SIX, FOUR).connects(SIX, 1).connects(FOUR, 5).race();
            net.shard.pass(100);
            assertThat(net.log).containsExactly("60 " + FOUR, "65 won " + FOUR);
        });
    }

    @Test
    void ipv4IsNotWaitedFor() throws Throwable {
        run(net -> {
            net.known(10, SIX).known(500, SIX, FOUR).connects(SIX, 1).race();
            net.shard.pass(20);
            assertThat(net.log).startsWith("10 " + SIX).hasSize(2);
        });
    }

    @Test
    void addressesThatComeLateAreTriedToo() throws Throwable {
        run(net -> {
            net.known(0, SIX).known(30, SIX, FOUR).refuses(SIX, 5).connects(FOUR, 5).race();
            net.shard.pass(100);
            assertThat(net.log).containsExactly("0 " + SIX, "30 " + FOUR, "35 won " + FOUR);
        });
    }

    @Test
    void aFailureNamesAllThatWereTried() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.refuses(SIX, 5).refuses(FOUR, 5).race(SIX, FOUR);
            net.shard.pass(100);
            Throwable failure = SteppedShard.failure(fiber);
            assertThat(failure)
                    .isInstanceOf(ConnectException.class)
                    .hasMessage(
                            "connect: host:80: refused: 2001:db8::1; refused: 192.0.2.1; tried"
                                    + " [2001:db8::1]:80, 192.0.2.1:80");
            assertThat(failure.getSuppressed()).hasSize(2);
        });
    }

    @Test
    void theFailureOfTheOnlyAddressIsItsOwn() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.known(5, FOUR).refuses(FOUR, 5).race();
            net.shard.pass(100);
            assertThat(SteppedShard.failure(fiber)).hasMessage("refused: 192.0.2.1").hasNoCause();
        });
    }

    @Test
    void aNameWithoutAddressesIsItsOwnFailure() throws Throwable {
        run(net -> {
            Fiber<Void> fiber = net.known(5).race();
            net.shard.pass(100);
            assertThat(SteppedShard.failure(fiber))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage("host: nobody knows");
        });
    }

    @Test
    void oneDeadlineIsOverAll() throws Throwable {
        run(net -> {
            net.limit = Duration.ofMillis(400);
            Fiber<Void> fiber = net.known(100, SIX, FOUR).blackHole(SIX).blackHole(FOUR).race();
            net.shard.pass(500);
            assertThat(SteppedShard.failure(fiber))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage(
                            "connect: host:80: tried [2001:db8::1]:80, 192.0.2.1:80; 2 did not"
                                    + " answer in time");
        });
        run(net -> {
            net.limit = Duration.ofMillis(400);
            Fiber<Void> fiber = net.known(NEVER, FOUR).race();
            net.shard.pass(500);
            assertThat(SteppedShard.failure(fiber))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("connect: host:80: its name was not resolved in time");
        });
    }

    @Test
    void cancellationEndsAll() throws Throwable {
        for (long millis : new long[] {5, 20, 300}) {
            run(net -> {
                Fiber<Void> fiber = net.known(10, SIX, FOUR).blackHole(SIX).blackHole(FOUR).race();
                net.shard.pass(millis);
                fiber.cancel();
                net.shard.settle();
                assertThat(fiber.isDone()).isTrue();
                assertThatThrownBy(fiber::join).isInstanceOf(FiberCancelledException.class);
            });
        }
    }

    @Test
    void aLocalPortAllowsOneAttemptAtATime() throws Throwable {
        run(net -> {
            net.pace = AddressRace.Pace.ONE_BY_ONE;
            net.refuses(SIX, 1000).connects(FOUR, 1).race(SIX, FOUR);
            net.shard.pass(1100);
            assertThat(net.log).containsExactly("0 " + SIX, "1000 " + FOUR, "1001 won " + FOUR);
        });
    }

    @Test
    void aLocalAddressAllowsItsFamilyAlone() throws Throwable {
        run(net -> {
            net.families = AddressQueue.Families.IPV4;
            net.connects(FOUR, 1).race(SIX, FOUR);
            net.shard.pass(5);
            assertThat(net.log).containsExactly("0 " + FOUR, "1 won " + FOUR);
        });
        run(net -> {
            net.families = AddressQueue.Families.IPV6;
            Fiber<Void> fiber = net.race(FOUR, OTHER_FOUR);
            assertThat(SteppedShard.failure(fiber))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("local address's family");
        });
    }

    @Test
    void whatAnAttemptRefusesToDoIsTheCallersMistake() throws Throwable {
        run(net -> {
            net.connects(SIX, 1);
            Fiber<Void> fiber = net.race(FOUR, SIX); // no fate: a NullPointerException
            assertThat(SteppedShard.failure(fiber)).isInstanceOf(NullPointerException.class);
        });
    }
}
