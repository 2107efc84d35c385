package io.byssus.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Asks an HTTP server once and looks at the answer, so that nobody is measured who answers
 * something else, and so that the report can say how many bytes each server sends.
 */
final class HttpProbe {
    private static final String REQUEST = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String STATUS = "HTTP/1.1 200";
    private static final String BODY = "\r\n\r\nHello, World!";
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LENGTH_MAX = 4096;

    private HttpProbe() {}

    /**
     * The length of the whole response in bytes.
     *
     * @throws IOException when the response is not the agreed one
     */
    static int responseBytes(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder response = new StringBuilder();
            while (response.indexOf(BODY) < 0 && response.length() < LENGTH_MAX) {
                int octet = in.read();
                if (octet < 0) {
                    break;
                }
                response.append((char) octet);
            }
            if (response.indexOf(STATUS) != 0 || response.indexOf(BODY) < 0) {
                throw new IOException("unexpected response: " + response);
            }
            return response.length();
        }
    }
}
