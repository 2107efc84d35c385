/** Runnable servers that double as documentation; they see the public API alone. */
@SuppressWarnings({"requires-automatic"})
module io.byssus.examples {
    requires io.byssus.net;
    requires io.byssus.runtime;
    requires micrometer.registry.prometheus;
    requires info.picocli;
    requires org.eclipse.jetty.http;

    opens io.byssus.examples to
            info.picocli;
}
