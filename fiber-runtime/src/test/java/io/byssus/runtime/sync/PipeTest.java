package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PipeTest {
    @Test
    void readerGetsAllAndThenSeesTheEnd() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<Integer> pipe = new Pipe<>("lines", 2);
            List<Integer> read = new ArrayList<>();
            scenario.attempt(
                    "reader",
                    () -> {
                        try (var reader = pipe.reader()) {
                            Optional<Integer> item = reader.read();
                            while (item.isPresent()) {
                                read.add(item.get());
                                item = reader.read(SECOND);
                            }
                            assertThat(reader.read(Deadline.NONE)).as("again").isEmpty();
                        }
                    });
            scenario.attempt(
                    "writer",
                    () -> {
                        try (var writer = pipe.writer()) {
                            for (int i = 0; i < 9; i += 3) {
                                writer.write(i);
                                writer.write(i + 1, SECOND);
                                writer.write(i + 2, Deadline.after(SECOND));
                            }
                        }
                    });
            assertThat(read).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(scenario.served).containsExactlyInAnyOrder("writer", "reader");
        });
    }

    @Test
    void writerLearnsThatTheReaderHasGone() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<String> pipe = new Pipe<>("lines", 1);
            pipe.writer().write("a");
            Attempt waiting = scenario.attempt("waiting", () -> pipe.writer().write("b"));
            pipe.reader().close();
            scenario.settle();
            Attempt later = scenario.attempt("later", () -> pipe.writer().write("c"));
            for (Attempt attempt : List.of(waiting, later)) {
                assertThat(attempt.failure())
                        .isInstanceOf(ClosedException.class)
                        .hasMessage("pipe 'lines': its reader is closed");
            }
            assertThatThrownBy(() -> pipe.reader().read()).isInstanceOf(ClosedException.class);
            assertThat(pipe.writer().abort(new IOException())).as("nobody to tell").isEmpty();
            pipe.writer().close();
        });
    }

    @Test
    void readerLearnsThatTheStreamIsNotComplete() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<String> pipe = new Pipe<>("lines", 2);
            Attempt reader = scenario.attempt("reader", () -> pipe.reader().read());
            Exception cause = new IOException("disk full");
            try (var writer = pipe.writer()) {
                assertThat(writer.abort(cause)).isEmpty();
                assertThatThrownBy(() -> writer.write("a")).isInstanceOf(BrokenException.class);
            }
            scenario.settle();
            assertThat(reader.failure())
                    .isInstanceOf(BrokenException.class)
                    .hasMessage("pipe 'lines' was aborted: java.io.IOException: disk full")
                    .hasCause(cause);
            assertThatThrownBy(() -> pipe.reader().read()).isInstanceOf(BrokenException.class);
            pipe.reader().close();
            assertThatThrownBy(() -> pipe.reader().read()).isInstanceOf(BrokenException.class);

            Pipe<String> full = new Pipe<>("lines", 2);
            full.writer().write("a");
            assertThat(full.writer().abort(cause)).containsExactly("a");
        });
    }

    @Test
    void whatIsLeftCanBeTakenBeforeTheReaderCloses() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<String> pipe = new Pipe<>("lines", 1);
            pipe.writer().write("a");
            scenario.attempt("writer", () -> pipe.writer().write("b"));
            List<String> rest = new ArrayList<>();
            assertThat(pipe.reader().drainTo(rest, Integer.MAX_VALUE)).isEqualTo(2);
            pipe.reader().close();
            scenario.settle();
            assertThat(rest).containsExactly("a", "b");
            assertThat(scenario.served).containsExactly("writer");
        });
    }

    @Test
    void limitsAndCancellationHoldAtBothEnds() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<String> pipe = new Pipe<>("lines", 1);
            Attempt reader = scenario.attempt("reader", () -> pipe.reader().read(SECOND));
            Attempt cancelled = scenario.attempt("cancelled", () -> pipe.reader().read());
            cancelled.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(reader.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageStartingWith("timed out in pipe 'lines' (");
            assertThat(cancelled.wasCancelled()).isTrue();
            pipe.writer().write("a");
            Attempt writer = scenario.attempt("writer", () -> pipe.writer().write("b", SECOND));
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(writer.failure()).isInstanceOf(WaitTimeoutException.class);
            assertThat(pipe.reader().read()).contains("a");
        });
    }

    @Test
    void refusesDoubleClose() throws Throwable {
        SyncScenario.run(scenario -> {
            Pipe<String> pipe = new Pipe<>("lines", 1);
            assertThat(pipe).hasToString("pipe 'lines' (0 of 1 items, 0 wait to put, 0 to take)");
            assertThat(pipe.reader().toString()).startsWith("reader of pipe 'lines'");
            assertThat(pipe.writer().toString()).startsWith("writer of pipe 'lines'");
            pipe.writer().close();
            assertThatThrownBy(pipe.writer()::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("pipe 'lines': its writer was closed already");
            assertThatThrownBy(() -> pipe.writer().abort(new IOException()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("pipe 'lines': its writer was closed already");
            assertThatThrownBy(() -> pipe.writer().write("a"))
                    .isInstanceOf(ClosedException.class)
                    .hasMessage("pipe 'lines' is closed");
            pipe.reader().close();
            assertThatThrownBy(pipe.reader()::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("pipe 'lines': its reader was closed already");
            assertThatThrownBy(() -> new Pipe<String>("lines", 0))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }
}
