// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The extension of {@link TcpStates}, without its lock. */
public final class TcpStatesExtension
    implements BeforeEachCallback,
        BeforeTestExecutionCallback,
        AfterEachCallback,
        ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(TcpStatesExtension.class);

  /** For JUnit. */
  public TcpStatesExtension() {}

  @Override
  public void beforeEach(ExtensionContext context) {
    try {
      if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
        throw new CantRecordException("this JVM has no Flight Recorder (no module jdk.jfr)");
      }
      TestRecording recording = TestRecording.start(Reports.file(context));
      if (Reports.required(context) == Reports.Required.EXACT && recording.sampled() != null) {
        recording.close();
        throw new CantRecordException("not exactly: " + recording.sampled());
      }
      if (Reports.required(context) == Reports.Required.NOTHING) {
        recording.skipUnproven();
      }
      store(context).put(TestRecording.class, recording);
    } catch (CantRecordException e) {
      cantRecord(e, context);
    }
  }

  /** Skips the test, or fails it if the recording is required. */
  private static void cantRecord(CantRecordException why, ExtensionContext context) {
    String message = "The TCP connections of this test can't be recorded: " + why.getMessage();
    if (Reports.required(context) != Reports.Required.NOTHING) {
      throw new AssertionError(message);
    }
    Assumptions.assumeTrue(false, message);
  }

  /** Excludes the connections of the {@code @BeforeEach} methods. */
  @Override
  public void beforeTestExecution(ExtensionContext context) {
    recording(context).fromNow();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    TestRecording recording = store(context).remove(TestRecording.class, TestRecording.class);
    if (recording == null) {
      return; // it could not be started
    }
    try (recording) {
      Throwable failure = context.getExecutionException().filter(Reports::isFailure).orElse(null);
      if (Reports.keep(context, failure != null)) {
        keep(recording, failure, context);
      }
    }
  }

  private static void keep(TestRecording recording, Throwable failure, ExtensionContext context) {
    Path file = recording.file();
    try {
      recording.keep();
      context.publishReportEntry("tcpstates.recording", file.toString());
      if (failure != null && !String.valueOf(failure.getMessage()).contains(file.toString())) {
        failure.addSuppressed(new RecordingNote("The recording of this test is " + file));
      }
    } catch (IOException | RuntimeException e) {
      // The failure of the test is what matters.
      RecordingNote note = new RecordingNote("The recording can't be kept as " + file + ": " + e);
      if (failure == null) {
        throw note;
      }
      failure.addSuppressed(note);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TcpConnections.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return new TcpConnections(recording(context));
  }

  private static TestRecording recording(ExtensionContext context) {
    TestRecording recording = store(context).get(TestRecording.class, TestRecording.class);
    if (recording == null) {
      throw new ParameterResolutionException(
          "TcpConnections are those of one test: take them as a parameter of a test, @BeforeEach or"
              + " @AfterEach method");
    }
    return recording;
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }
}
