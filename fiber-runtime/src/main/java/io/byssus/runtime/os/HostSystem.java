package io.byssus.runtime.os;

/**
 * Which operating system this is. On Linux the runtime makes system calls of its own; elsewhere it
 * does with what the JDK offers, and no class that links a C function is initialised.
 *
 * <p>{@code -Dio.byssus.os=NAME} pretends that it is another one, so that this can be tried on
 * Linux; this is the only place that reads it.
 */
public final class HostSystem {
    private static final String PRETENDED = "io.byssus.os";

    private static final String NAME = System.getProperty(PRETENDED, System.getProperty("os.name"));

    private static final boolean LINUX = NAME.equals("Linux");

    private HostSystem() {}

    /** As the JDK calls it: {@code Linux}, {@code Mac OS X}, {@code Windows 11}. */
    public static String name() {
        return NAME;
    }

    public static boolean isLinux() {
        return LINUX;
    }

    public static boolean isWindows() {
        return NAME.startsWith("Windows");
    }
}
