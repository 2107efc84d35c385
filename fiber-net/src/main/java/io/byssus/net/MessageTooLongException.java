package io.byssus.net;

import java.io.IOException;

/**
 * A line, a frame or whatever ends with a delimiter is longer than its reader allows. Its bytes
 * stay with the input: who wants to may still read or skip them.
 */
public final class MessageTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    MessageTooLongException(String message) {
        super(message);
    }
}
