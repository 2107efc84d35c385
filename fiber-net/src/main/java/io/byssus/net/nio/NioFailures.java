package io.byssus.net.nio;

import io.byssus.net.ConnectionResetException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Locale;

/**
 * The JDK's exceptions, which know the words of the operating system and no address, as those that
 * the other backends throw.
 */
final class NioFailures {
    /** What Linux, the BSDs and Windows say when the peer ended the connection. */
    private static final List<String> RESETS =
            List.of("reset", "broken pipe", "aborted", "forcibly closed");

    /** The JDK's own words for the first of them. */
    private static final String JDK_RESET = "Connection reset";

    private static final List<String> NO_ROUTES = List.of("no route", "unreachable");

    private NioFailures() {}

    /**
     * As an application sees it.
     *
     * @param operation {@code read}, {@code write}, {@code connect}, {@code bind}
     * @param subject an address
     */
    static IOException of(String operation, IOException cause, String subject) {
        String words = words(cause);
        String text = operation + ": " + words + ": " + subject;
        String lower = words.toLowerCase(Locale.ROOT);
        IOException failure;
        if (operation.equals("bind")) {
            failure = new BindException(text);
        } else if (cause instanceof PortUnreachableException) {
            failure = new PortUnreachableException(text);
        } else if (lower.contains("timed out")) {
            failure = new SocketTimeoutException(text);
        } else if (RESETS.stream().anyMatch(lower::contains)) {
            failure = new ConnectionResetException(text);
        } else if (NO_ROUTES.stream().anyMatch(lower::contains)) {
            failure = new NoRouteToHostException(text);
        } else if (cause instanceof ConnectException) {
            failure = new ConnectException(text);
        } else {
            failure = new SocketException(text);
        }
        failure.initCause(cause);
        return failure;
    }

    private static String words(IOException cause) {
        if (cause instanceof PortUnreachableException) {
            return "Connection refused";
        }
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        return message.equals(JDK_RESET) ? JDK_RESET + " by peer" : message;
    }
}
