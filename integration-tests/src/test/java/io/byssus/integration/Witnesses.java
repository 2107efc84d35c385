package io.byssus.integration;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * What a failed test's processes and networks have to say, beside the failure: a client that got no
 * answer cannot tell why. Found by JUnit through META-INF/services.
 */
public final class Witnesses implements BeforeEachCallback, TestExecutionExceptionHandler {
    private static final List<Callable<String>> WITNESSES = new CopyOnWriteArrayList<>();

    /** Made by JUnit. */
    public Witnesses() {}

    /** Will be asked if the present test fails. */
    public static void call(Callable<String> witness) {
        WITNESSES.add(witness);
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        WITNESSES.clear();
    }

    @Override
    public void handleTestExecutionException(ExtensionContext test, Throwable failure)
            throws Throwable {
        for (Callable<String> witness : WITNESSES) {
            failure.addSuppressed(new AssertionError(ask(witness)));
        }
        throw failure;
    }

    private static String ask(Callable<String> witness) {
        try {
            return witness.call();
        } catch (Exception e) {
            return "a witness cannot be heard: " + e;
        }
    }
}
