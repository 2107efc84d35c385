package io.byssus.integration;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that sends exactly the bytes it is told to, and reads one response at a time. */
final class HttpClientSocket implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    HttpClientSocket(InetSocketAddress server) throws IOException {
        socket = RunningExample.connect(server);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A request with the given lines after its first. */
    static String request(String firstLine, String... headers) {
        StringBuilder text = new StringBuilder(firstLine).append("\r\nHost: localhost\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    static String get(String path, String... headers) {
        return request("GET " + path + " HTTP/1.1", headers);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    Response exchange(String request) throws IOException {
        send(request);
        return read();
    }

    Response read() throws IOException {
        return read(true);
    }

    /** Reads the response to a HEAD request. */
    Response readHead() throws IOException {
        return read(false);
    }

    /** Whether the server has ended its direction; waits until it does or sends something. */
    boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    private Response read(boolean withBody) throws IOException {
        String status = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(withBody ? length : 0);
        if (withBody && body.length < length) {
            throw new EOFException(body.length + " of " + length + " bytes of a body");
        }
        return new Response(status, headers, new String(body, StandardCharsets.ISO_8859_1));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the stream ended in the head, after '" + line + "'");
            }
            line.append((char) c);
        }
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** What a server has answered; header names in lower case. */
    record Response(String status, Map<String, String> headers, String body) {
        boolean closes() {
            return "close".equals(headers.get("connection"));
        }
    }
}
