// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.host.Kernel;
import java.nio.file.Path;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests in this JVM, for {@code scripts/vmtest}: {@code Matrix REPORT TAG [CLASS…]}. Those with the tag
 * {@code matrix} are quick enough for an emulated machine, and cover each kind of event, filter, path and loss, and what
 * is left behind. {@code Matrix prepare}, outside, compiles what they run.
 */
final class Matrix {
    /** Whether only some of each sort run. */
    static boolean smoke;

    private Matrix() {}

    public static void main(String[] args) {
        if (args.length == 1) {
            Workload.command();
            Execs.command();
            Compiled.bpf(HookKindTest.SOURCE);
            return;
        }
        smoke = args[1].equals("smoke");
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .filters(TagFilter.includeTags(args[1]), ClassNameFilter.includeClassNamePatterns(".*Test"))
                // A limit for people's machines; the guest as a whole has one.
                .configurationParameter("junit.jupiter.execution.timeout.mode", "disabled");
        if (args.length == 2) {
            request.selectors(DiscoverySelectors.selectPackage(Matrix.class.getPackageName()));
        }
        for (int i = 2; i < args.length; i++) {
            request.selectors(DiscoverySelectors.selectClass(Matrix.class.getPackageName() + "." + args[i]));
        }
        MatrixReport report = new MatrixReport(Path.of(args[0]), "Linux " + Kernel.release());
        LauncherDiscoveryRequest tests = request.build();
        LauncherFactory.create().execute(tests, report);
        System.exit(report.good() ? 0 : 1);
    }
}
