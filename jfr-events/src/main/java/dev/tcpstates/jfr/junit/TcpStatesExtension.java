// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.junit.TcpStates.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** The extension of {@link TcpStates}, without its lock. */
public final class TcpStatesExtension
    implements BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        BeforeTestExecutionCallback,
        AfterEachCallback,
        ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(TcpStatesExtension.class);

  /** Key to the unique id of the class whose recording it is; absent if it is a test's. */
  private static final String OWNER = "owner";

  /** Key to whether a test of that class has failed. */
  private static final String FAILED = "failed";

  /** For JUnit. */
  public TcpStatesExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    if (owner(context) == null && scope(context) == Scope.CLASS) {
      start(context);
      store(context).put(OWNER, context.getUniqueId());
      store(context).put(FAILED, new AtomicBoolean());
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (owner(context) == null) {
      if (scope(context) == Scope.CLASS) {
        throw new ExtensionConfigurationException(
            "@TcpStates(scope = CLASS) is for classes, not for methods");
      }
      start(context);
    }
  }

  private static void start(ExtensionContext context) {
    Reports.Required required = Reports.required(context);
    try {
      if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
        throw new CantRecordException("this JVM has no Flight Recorder (no module jdk.jfr)");
      }
      TestRecording recording = TestRecording.start(Reports.file(context));
      if (required == Reports.Required.EXACT && recording.sampled() != null) {
        recording.close();
        throw new CantRecordException("not exactly: " + recording.sampled());
      }
      if (required == Reports.Required.NOTHING) {
        recording.skipUnproven(notice(context));
      }
      store(context).put(TestRecording.class, recording);
    } catch (CantRecordException e) {
      cantRecord(e, context);
    }
  }

  private static SkipNotice notice(ExtensionContext context) {
    return new SkipNotice(context.getRequiredTestClass().getName());
  }

  /** Skips the test, or fails it if the recording is required. */
  private static void cantRecord(CantRecordException why, ExtensionContext context) {
    String message = "The TCP connections of this test can't be recorded: " + why.getMessage();
    if (Reports.required(context) != Reports.Required.NOTHING) {
      throw new AssertionError(message);
    }
    notice(context).print(message);
    Assumptions.assumeTrue(false, message);
  }

  /** The annotation's, of the method or of the class; a nested class has that of its outer one. */
  private static Scope scope(ExtensionContext context) {
    Optional<TcpStates> found =
        AnnotationSupport.findAnnotation(context.getElement(), TcpStates.class);
    Class<?> type = context.getRequiredTestClass();
    while (found.isEmpty() && type != null) {
      found = AnnotationSupport.findAnnotation(type, TcpStates.class);
      type = type.getEnclosingClass();
    }
    return found.map(TcpStates::scope).orElse(Scope.TEST);
  }

  /** The unique id of the class that has a recording for all its tests; null if none has. */
  private static String owner(ExtensionContext context) {
    return store(context).get(OWNER, String.class);
  }

  /** Excludes the connections of the {@code @BeforeEach} methods. */
  @Override
  public void beforeTestExecution(ExtensionContext context) {
    if (owner(context) == null) {
      recording(context).fromNow();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Throwable failure = context.getExecutionException().filter(Reports::isFailure).orElse(null);
    if (owner(context) == null) {
      end(context, failure != null, failure);
    } else if (failure != null) {
      store(context).get(FAILED, AtomicBoolean.class).set(true);
      if (Reports.keep(context, true)) {
        addNote(failure, store(context).get(TestRecording.class, TestRecording.class).file());
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (context.getUniqueId().equals(owner(context))) {
      Throwable failure = context.getExecutionException().filter(Reports::isFailure).orElse(null);
      boolean failed = store(context).get(FAILED, AtomicBoolean.class).get();
      end(context, failed || failure != null, failure);
    }
  }

  /**
   * Keeps the recording if it must be kept, and closes it.
   *
   * @param failure the failure that the recording is about; may be null also if a test failed
   */
  private static void end(ExtensionContext context, boolean failed, Throwable failure) {
    TestRecording recording = store(context).remove(TestRecording.class, TestRecording.class);
    if (recording == null) {
      return; // it could not be started
    }
    try (recording) {
      if (Reports.keep(context, failed)) {
        keep(recording, failure, context);
      }
    }
  }

  private static void keep(TestRecording recording, Throwable failure, ExtensionContext context) {
    Path file = recording.file();
    try {
      recording.keep();
      context.publishReportEntry("tcpstates.recording", file.toString());
      if (failure != null) {
        addNote(failure, file);
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

  private static void addNote(Throwable failure, Path file) {
    if (!String.valueOf(failure.getMessage()).contains(file.toString())) {
      failure.addSuppressed(new RecordingNote("The recording of this test is " + file));
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
              + " @AfterEach method. With @TcpStates(scope = CLASS), a @BeforeAll or @AfterAll"
              + " method may have them, too");
    }
    return recording;
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }
}
