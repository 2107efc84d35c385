package io.byssus.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a connection sends and what must come back before it sends again.
 *
 * <p>The first eight bytes of an answer are compared, its length is counted: a byte too many or too
 * few puts the next answer's first bytes in the wrong place. What the answer says in full was
 * looked at once, before the load.
 *
 * <p><b>Ownership:</b> immutable; the request's array is not copied.
 *
 * @param request the bytes of one exchange
 * @param responseBytes the length of the whole answer
 * @param requestCount how many requests one exchange counts for
 * @param stamped whether the first eight bytes are replaced by a stamp that must come back; if not,
 *     the answer begins with {@link #HTTP_HEAD}
 */
record Exchange(byte[] request, int responseBytes, int requestCount, boolean stamped) {
    /** {@code HTTP/1.1} as the eight bytes lie in memory. */
    static final long HTTP_HEAD =
            ByteBuffer.wrap("HTTP/1.1".getBytes(StandardCharsets.US_ASCII))
                    .order(ByteOrder.nativeOrder())
                    .getLong();

    private static final String GET = "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n";
    private static final byte FILLER = 'b';

    /** A message of so many bytes and its echo. */
    static Exchange echo(int messageBytes) {
        byte[] message = new byte[messageBytes];
        Arrays.fill(message, FILLER);
        return new Exchange(message, messageBytes, 1, true);
    }

    /**
     * A batch of requests in one write, and all their answers. The requests are the bytes that wrk
     * sends.
     *
     * @param responseBytes the length of one answer
     */
    static Exchange http(int port, int pipeline, int responseBytes) {
        byte[] batch = GET.formatted(port).repeat(pipeline).getBytes(StandardCharsets.US_ASCII);
        return new Exchange(batch, responseBytes * pipeline, pipeline, false);
    }
}
