package io.byssus.net;

import io.byssus.runtime.memory.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Takes a PROXY protocol's header off an input, and not a byte more. */
final class ProxyHeaderReader {
    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int COME_BYTES_MIN = 64;

    private ProxyHeaderReader() {}

    /** The header; empty if the stream ends before its first byte. */
    static Optional<ProxyHeader> read(ConnectionInput input) throws IOException {
        try {
            byte[] start = some(input, ProxyHeaderParser.START_BYTES);
            if (start.length == 0) {
                return Optional.empty();
            }
            if (ProxyHeaderParser.isVersion2(start)) {
                return Optional.of(readVersion2(input, start));
            }
            if (ProxyHeaderParser.isVersion1(start)) {
                return Optional.of(readVersion1(input, start));
            }
            throw new MalformedProxyHeaderException("it is of neither version");
        } catch (EOFException e) {
            throw new MalformedProxyHeaderException("the stream ended within it");
        }
    }

    private static ProxyHeader readVersion2(ConnectionInput input, byte[] start)
            throws IOException {
        int rest = ProxyHeaderParser.FIXED_BYTES - ProxyHeaderParser.START_BYTES;
        byte[] fixed = join(start, all(input, rest));
        int bodyBytes = ProxyHeaderParser.bodyBytes(fixed);
        return ProxyHeaderParser.parseVersion2(join(fixed, all(input, bodyBytes)));
    }

    private static ProxyHeader readVersion1(ConnectionInput input, byte[] start)
            throws IOException {
        int max = ProxyHeaderParser.LINE_BYTES_MAX - start.length;
        byte[] rest;
        try {
            rest = take(input.readUntil(LINE_END, max));
        } catch (MessageTooLongException e) {
            throw new MalformedProxyHeaderException("its line does not end");
        }
        if (rest.length == 0) {
            throw new EOFException();
        }
        return ProxyHeaderParser.parseVersion1(join(start, rest));
    }

    private static byte[] all(ConnectionInput input, int count) throws IOException {
        byte[] bytes = some(input, count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    /**
     * {@code count} bytes, or none if the stream had ended. Until they have come it holds those
     * that have, not what a silent peer has announced.
     */
    private static byte[] some(ConnectionInput input, int count) throws IOException {
        ByteArrayOutputStream come = new ByteArrayOutputStream(Math.min(count, COME_BYTES_MIN));
        while (come.size() < count) {
            try (Buffer piece = input.readUpTo(count - come.size())) {
                if (piece.isEmpty()) {
                    if (come.size() > 0) {
                        throw new EOFException();
                    }
                    break;
                }
                come.writeBytes(piece.toByteArray());
            }
        }
        return come.toByteArray();
    }

    private static byte[] take(Buffer buffer) {
        try (buffer) {
            return buffer.toByteArray();
        }
    }

    private static byte[] join(byte[] front, byte[] back) {
        byte[] all = Arrays.copyOf(front, front.length + back.length);
        System.arraycopy(back, 0, all, front.length, back.length);
        return all;
    }
}
