// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/** The configuration: which recordings are kept, where, and what a test requires. */
final class Reports {
  private static final String FOLDER = "junit.tcpstates.reports";
  private static final String KEEP = "junit.tcpstates.keep";
  private static final String REQUIRED = "junit.tcpstates.required";

  /** A build's folder, and its folder for test reports. */
  private static final String[][] USUAL = {
    {"target", "surefire-reports"}, {"build", "test-results"}
  };

  /** The number of a repeated test's run, in JUnit's unique id. */
  private static final Pattern INVOCATION = Pattern.compile("-invocation:#(\\d+)\\]");

  private Reports() {}

  /** The file for the recording of a test, or of a test class. */
  static Path file(ExtensionContext context) {
    return folder(context)
        .resolve(name(context).replaceAll("[^\\w.$\\[\\]-]", "_") + ".jfr")
        .toAbsolutePath();
  }

  private static Path folder(ExtensionContext context) {
    Optional<String> configured = context.getConfigurationParameter(FOLDER);
    if (configured.isPresent()) {
      return Path.of(configured.get());
    }
    for (String[] usual : USUAL) {
      if (Files.isDirectory(Path.of(usual[0]))) {
        return Path.of(usual[0], usual[1]);
      }
    }
    return Path.of("");
  }

  private static String name(ExtensionContext context) {
    StringBuilder name = new StringBuilder(context.getRequiredTestClass().getName());
    context.getTestMethod().ifPresent(method -> name.append('.').append(method.getName()));
    Matcher invocations = INVOCATION.matcher(context.getUniqueId());
    while (invocations.find()) {
      name.append('[').append(invocations.group(1)).append(']');
    }
    return name.toString();
  }

  /** Whether to keep the recording of a test. */
  static boolean keep(ExtensionContext context, boolean failed) {
    String keep = context.getConfigurationParameter(KEEP).orElse("failed");
    return switch (keep) {
      case "failed" -> failed;
      case "always" -> true;
      case "never" -> false;
      default ->
          throw new ExtensionConfigurationException(
              KEEP + " is \"" + keep + "\"; it can be failed, always or never");
    };
  }

  /** What must be recorded, or else a test fails. */
  enum Required {
    /** Nothing: a test that can't be recorded is skipped. */
    NOTHING,
    /** At least an agent that polls the sockets. */
    SAMPLED,
    /** Every transition. */
    EXACT
  }

  /** What must be recorded, or else the test fails. */
  static Required required(ExtensionContext context) {
    return context
        .getConfigurationParameter(REQUIRED)
        .map(Reports::required)
        .orElseGet(() -> "true".equals(System.getenv("CI")) ? Required.EXACT : Required.NOTHING);
  }

  private static Required required(String value) {
    return switch (value) {
      case "true", "exact" -> Required.EXACT;
      case "sampled" -> Required.SAMPLED;
      case "false" -> Required.NOTHING;
      default ->
          throw new ExtensionConfigurationException(
              REQUIRED + " is \"" + value + "\"; it can be exact (or true), sampled or false");
    };
  }

  /** Whether a test that ended with this exception failed, as opposed to being skipped. */
  static boolean isFailure(Throwable end) {
    return !(end instanceof TestAbortedException);
  }
}
