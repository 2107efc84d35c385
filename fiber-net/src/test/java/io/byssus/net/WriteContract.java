package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes of all kinds, held against a list of bytes. */
abstract class WriteContract extends NetworkContract {
    private static final int STEPS = 400;

    /** Around what is copied, batched or gathered. */
    private static final int[] LENGTHS = {0, 1, 100, 1024, 1025, 3000, 8191, 8192, 20_000};

    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    WriteContract(StackUnderTest stack) {
        super(stack);
    }

    /** One writer's steps; what it has written is what the reader must hear. */
    private final class Writer {
        private final ConnectionOutput output;
        private final Random random;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private int corks;

        Writer(ConnectionOutput output, Random random) {
            this.output = output;
            this.random = random;
        }

        byte[] run(boolean brokenOff) throws Exception {
            for (int i = 0; i < STEPS; i++) {
                boolean hasty = brokenOff && random.nextInt(3) == 0;
                output.deadline(hasty ? Deadline.after(Duration.ZERO) : Deadline.NONE);
                try {
                    step();
                } catch (SocketTimeoutException e) {
                    Fiber.yield(); // what was taken stays with the output
                } catch (Thrown e) {
                    assertThat(corks).isZero();
                }
            }
            output.deadline(Deadline.NONE);
            output.close();
            return written.toByteArray();
        }

        private void step() throws IOException {
            switch (random.nextInt(7)) {
                case 0 -> writeBytes();
                case 1 -> writeBuffer();
                case 2, 3 -> writeBuffers();
                case 4 -> writeFrame();
                case 5 -> output.flush();
                default -> cork();
            }
        }

        private void writeBytes() throws IOException {
            byte[] bytes = bytes();
            written.writeBytes(bytes);
            output.write(bytes);
        }

        private void writeBuffer() throws IOException {
            byte[] bytes = bytes();
            written.writeBytes(bytes);
            output.write(Talk.buffer(bytes));
        }

        private void writeBuffers() throws IOException {
            Buffer[] buffers = new Buffer[random.nextInt(20)];
            for (int i = 0; i < buffers.length; i++) {
                byte[] bytes = bytes();
                written.writeBytes(bytes);
                buffers[i] = Talk.buffer(bytes);
            }
            output.write(buffers);
        }

        private void writeFrame() throws IOException {
            byte[] body = bytes();
            written.write(body.length);
            written.write(body.length >> 8);
            written.writeBytes(body);
            FrameWriter writer = new FrameWriter(output, FrameFormat.littleEndian(2, 65_535));
            if (random.nextBoolean()) {
                writer.write(body);
            } else {
                writer.write(Talk.buffer(body));
            }
        }

        private void cork() throws IOException {
            if (corks > 2) {
                return;
            }
            corks++;
            try {
                output.corked(this::corkedSteps);
            } finally {
                corks--;
            }
        }

        private void corkedSteps() throws IOException {
            for (int i = random.nextInt(4); i > 0; i--) {
                step();
            }
            if (random.nextInt(10) == 0) {
                throw new Thrown();
            }
        }

        private byte[] bytes() {
            byte[] bytes = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
            random.nextBytes(bytes);
            return bytes;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyMixtureOfWritesArrivesAsItWasWritten(boolean brokenOff) throws Exception {
        Random random = new Random(Seeds.next("WriteContract"));
        onShard(() -> {
            try (Pair pair = brokenOff ? openTightPair() : openPair()) {
                Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(pair.server()));
                byte[] written = new Writer(pair.client().output(), random).run(brokenOff);
                Talk.assertSame(hearing.join(), written);
            }
        });
    }

    /** Cancelled again and again, in corked sections too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aWriterThatIsCancelledLosesNothingThatItWrote(int round) throws Exception {
        Random random = new Random(Seeds.next("WriteContract" + round));
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                ConnectionOutput output = pair.client().output();
                byte[] bytes = new byte[100_000];
                random.nextBytes(bytes);
                Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(pair.server()));
                int from = 0;
                while (from < bytes.length) {
                    int length = Math.min(1 + random.nextInt(9000), bytes.length - from);
                    byte[] part = Arrays.copyOfRange(bytes, from, from + length);
                    Fiber<Void> writing =
                            Fiber.start("writing", () -> output.corked(() -> output.write(part)));
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        Fiber.yield(); // it has begun
                    }
                    writing.cancel();
                    try {
                        writing.join();
                    } catch (FiberCancelledException e) {
                        assertThat(writing.isDone()).isTrue();
                    }
                    from += length;
                }
                output.close();
                Talk.assertSame(hearing.join(), bytes);
            }
        });
    }
}
