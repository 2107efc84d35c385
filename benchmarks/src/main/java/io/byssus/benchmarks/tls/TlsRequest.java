package io.byssus.benchmarks.tls;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client asks for: {@code GET /N HTTP/1.0}, as {@code openssl s_time -www /N} does, is
 * answered by N bytes and the end of the connection. Header lines are read over.
 */
final class TlsRequest {
    /** The answer comes in pieces of so many bytes: four full records. */
    static final int PIECE_BYTES = 1 << 16;

    /** What both servers and all clients are told to agree upon. */
    static final String CIPHER = "TLS_AES_128_GCM_SHA256";

    private static final Pattern GET = Pattern.compile("GET /(\\d{1,12}) ");

    private TlsRequest() {}

    /** How many bytes are asked for; -1 if this is no request. */
    static long bytes(String text) {
        Matcher request = GET.matcher(text);
        return request.find() ? Long.parseLong(request.group(1)) : -1;
    }
}
