package io.byssus.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A JDBC driver that knows nothing of fibers, with its {@code java.net} sockets and locks, on the
 * fibers of a shard. The database serves from plain threads of this JVM.
 */
class JdbcTest {
    private static final int SHARDS = 2;
    private static final int LIMIT_SECONDS = 20;

    /** What the database does in the middle of a query; public, since the database calls it. */
    public static final class Gate {
        private static final AtomicReference<CountDownLatch> LATCH = new AtomicReference<>();

        private Gate() {}

        /** As {@code CALL WAIT_FOR_TEST(x)}: answers x once the test has opened the gate. */
        public static int waitForTest(int value) throws InterruptedException {
            if (Thread.currentThread().isVirtual() || !LATCH.get().await(LIMIT_SECONDS, SECONDS)) {
                throw new IllegalStateException("not on a thread of the database, or not in time");
            }
            return value;
        }

        static void close() {
            LATCH.set(new CountDownLatch(1));
        }

        static void open() {
            LATCH.get().countDown();
        }
    }

    private Server database;
    private Shards shards;

    @BeforeEach
    void start() throws SQLException {
        Gate.close();
        database = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        shards = Shards.start(new RuntimeOptions().smp(SHARDS).overprovisioned(true));
    }

    @AfterEach
    void stop() {
        Gate.open();
        assertThat(shards.stop()).isTrue();
        database.stop();
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:tcp://127.0.0.1:"
                        + database.getPort()
                        + "/mem:"
                        + database.getPort()
                        + ";DB_CLOSE_DELAY=-1",
                "sa",
                "");
    }

    private void createTable() throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE NUMBERS(SHARD INT, FIBER INT, NUMBER INT)");
            statement.execute(
                    "CREATE ALIAS WAIT_FOR_TEST FOR '" + Gate.class.getName() + ".waitForTest'");
        }
    }

    @Test
    void manyFibersOfTwoShardsUseConnectionsOfTheirOwn() throws Exception {
        createTable();
        int fibers = 10;
        int rows = 20;
        shards.onEach(() -> {
            List<Fiber<Void>> clients = new ArrayList<>();
            for (int i = 0; i < fibers; i++) {
                int number = i;
                clients.add(Fiber.start("client", () -> writeAndReadBack(number, rows)));
            }
            clients.forEach(Fiber::join);
        });
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet sums =
                        statement.executeQuery("SELECT COUNT(*), SUM(NUMBER) FROM NUMBERS")) {
            assertThat(sums.next()).isTrue();
            assertThat(sums.getInt(1)).isEqualTo(SHARDS * fibers * rows);
            assertThat(sums.getInt(2)).isEqualTo(SHARDS * fibers * rows * (rows - 1) / 2);
        }
    }

    private void writeAndReadBack(int fiber, int rows) throws SQLException {
        Shard home = Shard.current();
        Thread self = Thread.currentThread();
        try (Connection connection = open()) {
            assertSame(home, self);
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO NUMBERS VALUES (?, ?, ?)")) {
                for (int i = 0; i < rows; i++) {
                    insert.setInt(1, home.id());
                    insert.setInt(2, fiber);
                    insert.setInt(3, i);
                    assertThat(insert.executeUpdate()).isEqualTo(1);
                    assertSame(home, self);
                }
            }
            connection.commit();
            try (Statement select = connection.createStatement();
                    ResultSet result =
                            select.executeQuery(
                                    "SELECT NUMBER FROM NUMBERS WHERE SHARD="
                                            + home.id()
                                            + " AND FIBER="
                                            + fiber
                                            + " ORDER BY NUMBER")) {
                for (int i = 0; i < rows; i++) {
                    assertThat(result.next()).isTrue();
                    assertThat(result.getInt(1)).isEqualTo(i);
                }
                assertThat(result.next()).isFalse();
            }
            assertSame(home, self);
        }
    }

    private static void assertSame(Shard home, Thread self) {
        assertThat(Shard.current()).isSameAs(home);
        assertThat(Thread.currentThread()).isSameAs(self);
    }

    @Test
    void otherFibersOfTheShardGoOnWhileTheDatabaseTakesItsTime() throws Exception {
        createTable();
        int answer =
                shards.submitTo(
                        0,
                        () -> {
                            try (Connection connection = open()) {
                                Fiber<Integer> asking = startAsking(connection, 7);
                                Eventually.parked(asking.thread());
                                writeAndReadBack(0, 3);
                                int other = shards.submitTo(1, () -> Shard.current().id());
                                assertThat(other).isEqualTo(1);
                                assertThat(asking.isDone()).isFalse();
                                Gate.open();
                                return asking.join();
                            }
                        });
        assertThat(answer).isEqualTo(7);
    }

    /** As an interrupt does to a blocked virtual thread, it closes the driver's socket. */
    @Test
    void aCancelledQueryFailsAndTheShardGoesOn() throws Exception {
        createTable();
        shards.submitTo(
                0,
                () -> {
                    try (Connection connection = open()) {
                        Fiber<Integer> asking = startAsking(connection, 7);
                        Eventually.parked(asking.thread());
                        asking.cancel();
                        assertThatThrownBy(asking::join)
                                .isNotInstanceOf(FiberCancelledException.class)
                                .hasCauseInstanceOf(SQLException.class);
                        assertThat(connection.isClosed()).isTrue();
                    }
                    writeAndReadBack(0, 3);
                    return null;
                });
    }

    private static Fiber<Integer> startAsking(Connection connection, int value) {
        return Fiber.start(
                "asking",
                () -> {
                    Shard home = Shard.current();
                    try (Statement statement = connection.createStatement();
                            ResultSet result =
                                    statement.executeQuery("CALL WAIT_FOR_TEST(" + value + ")")) {
                        assertThat(Shard.current()).isSameAs(home);
                        assertThat(result.next()).isTrue();
                        return result.getInt(1);
                    }
                });
    }
}
