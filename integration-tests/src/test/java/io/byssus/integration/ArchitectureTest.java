package io.byssus.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The directions of {@code docs/ARCHITECTURE.md}, over the classes of every module. */
class ArchitectureTest {
    private static final String ROOT = "io.byssus.";

    private static final Set<String> REACTOR_AND_BELOW =
            Set.of(
                    "runtime.os",
                    "runtime.time",
                    "runtime.queue",
                    "runtime.log",
                    "runtime.memory",
                    "runtime.reactor");
    private static final Set<String> RUNTIME =
            union(
                    REACTOR_AND_BELOW,
                    "runtime.fiber",
                    "runtime.shard",
                    "runtime.metrics",
                    "runtime");
    private static final Set<String> PUBLIC_RUNTIME =
            Set.of(
                    "runtime",
                    "runtime.fiber",
                    "runtime.log",
                    "runtime.memory",
                    "runtime.metrics",
                    "runtime.reactor",
                    "runtime.shard",
                    "runtime.time");

    /** What of Byssus a package may know besides itself. A package that is not here fails. */
    private static final Map<String, Set<String>> MAY_KNOW =
            Map.ofEntries(
                    entry("runtime.os", Set.of()),
                    entry("runtime.time", Set.of()),
                    entry("runtime.queue", Set.of()),
                    entry("runtime.log", Set.of("runtime.os", "runtime.time")),
                    entry("runtime.memory", Set.of("runtime.os")),
                    entry("runtime.reactor", REACTOR_AND_BELOW),
                    entry("runtime.fiber", REACTOR_AND_BELOW),
                    entry("runtime.shard", union(REACTOR_AND_BELOW, "runtime.fiber")),
                    entry(
                            "runtime.metrics",
                            union(REACTOR_AND_BELOW, "runtime.fiber", "runtime.shard")),
                    entry("runtime", RUNTIME),
                    entry("net", union(PUBLIC_RUNTIME, "net.spi")),
                    entry("net.spi", union(PUBLIC_RUNTIME, "net")),
                    entry("net.dns", PUBLIC_RUNTIME),
                    entry("net.posix", union(RUNTIME, "net", "net.spi")),
                    entry("stack", union(RUNTIME, "net", "net.spi")),
                    entry(
                            "examples",
                            Set.of(
                                    "runtime",
                                    "runtime.fiber",
                                    "runtime.memory",
                                    "runtime.metrics",
                                    "runtime.shard",
                                    "runtime.time",
                                    "net")));

    /** Who may ask the system for the time, and why. */
    private static final Map<String, String> TIME_KEEPERS =
            Map.of(
                    "runtime.log.ShardLog", "waits for its writer as the program ends",
                    "runtime.time.Clock", "it is the clock that everybody else is given",
                    "runtime.shard.Shutdown", "runs on a thread that has no shard and no clock");

    /** Who may print, the examples apart, and why. */
    private static final Map<String, String> PRINTERS =
            Map.of(
                    "runtime.Byssus", "tells a program's user why it did not start",
                    "runtime.log.ShardLog", "has nothing else left when the appender fails");

    private static final JavaClasses BYSSUS =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("io/byssus/integration/"))
                    .withImportOption(location -> !location.contains("io/byssus/testing/"))
                    .importPackages("io.byssus");

    @Test
    void packagesKnowOnlyThoseBelowThem() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : BYSSUS) {
            String name = shortPackage(from);
            Set<String> allowed = MAY_KNOW.getOrDefault(name, Set.of());
            if (!MAY_KNOW.containsKey(name)) {
                wrong.add(name + " is not in this test's table");
            }
            from.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(to -> to.getPackageName().startsWith("io.byssus"))
                    .filter(to -> !shortPackage(to).equals(name))
                    .filter(to -> !allowed.contains(shortPackage(to)))
                    .forEach(to -> wrong.add(from.getName() + " knows " + to.getName()));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyModuleIsLookedAt() {
        assertThat(BYSSUS.stream().map(ArchitectureTest::shortPackage))
                .contains("runtime.os", "runtime", "net", "net.posix", "examples");
    }

    @Test
    void onlyOsCallsOutOfJava() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.byssus.runtime.os")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*")
                .check(BYSSUS);
    }

    @Test
    void onlyTheClockAsksTheSystemForTheTime() {
        noClasses()
                .that(areNot(TIME_KEEPERS.keySet()))
                .should()
                .accessTargetWhere(targets("nanoTime", "currentTimeMillis"))
                .check(BYSSUS);
    }

    @Test
    void onlyProgramsPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.byssus.examples")
                .and(areNot(PRINTERS.keySet()))
                .should()
                .accessTargetWhere(targets("out", "err"))
                .check(BYSSUS);
    }

    @Test
    void protocolsAndTheApiKnowNoStack() {
        noClasses()
                .that()
                .resideInAnyPackage("io.byssus.net", "io.byssus.net.spi", "io.byssus.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.byssus.net.posix..", "io.byssus.stack..")
                .check(BYSSUS);
    }

    /** Classes other than these and what is nested in them. */
    private static DescribedPredicate<JavaClass> areNot(Set<String> names) {
        return DescribedPredicate.describe(
                "are not " + names,
                type -> {
                    String name = type.getName().substring(ROOT.length());
                    return names.stream()
                            .noneMatch(n -> name.equals(n) || name.startsWith(n + "$"));
                });
    }

    private static DescribedPredicate<JavaAccess<?>> targets(String... members) {
        return DescribedPredicate.describe(
                "it is System." + String.join(" or System.", members),
                access ->
                        access.getTargetOwner().isEquivalentTo(System.class)
                                && Set.of(members).contains(access.getTarget().getName()));
    }

    private static String shortPackage(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
    }

    private static Set<String> union(Set<String> names, String... more) {
        return Stream.concat(names.stream(), Stream.of(more)).collect(Collectors.toSet());
    }
}
