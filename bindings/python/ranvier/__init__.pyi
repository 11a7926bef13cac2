# Made by scripts/python_stubs init.

from . import (
    agent as agent,
    calibration as calibration,
    catalogue as catalogue,
    circuits as circuits,
    data as data,
    devices as devices,
    distributions as distributions,
    encodings as encodings,
    errors as errors,
    event_learning as event_learning,
    exit_rules as exit_rules,
    experiments as experiments,
    inference as inference,
    layer as layer,
    layers as layers,
    learning as learning,
    losses as losses,
    models as models,
    network as network,
    onnx_import as onnx_import,
    optimisers as optimisers,
    plasticity as plasticity,
    plotting as plotting,
    report as report,
    rules as rules,
    schedules as schedules,
    simulation as simulation,
    surrogates as surrogates,
    traces as traces,
    training as training,
)
from .agent import (
    AgentEvaluation as AgentEvaluation,
    DynamicConfidence as DynamicConfidence,
    ExitCurve as ExitCurve,
    ExitRule as ExitRule,
    Exits as Exits,
    FixedTimeCurve as FixedTimeCurve,
    Oracle as Oracle,
    compare as compare,
    exit_curve as exit_curve,
    fixed_time_curve as fixed_time_curve,
    oracle as oracle,
)
from .calibration import (
    Calibration as Calibration,
    CalibrationErrors as CalibrationErrors,
    CalibrationReport as CalibrationReport,
    RiskCoverage as RiskCoverage,
    calibration_report as calibration_report,
    fit_temperature as fit_temperature,
    isotonic as isotonic,
    reliability as reliability,
    risk_coverage as risk_coverage,
    vector_scaling as vector_scaling,
)
from .catalogue import (
    Choice as Choice,
    Description as Description,
    describe as describe,
    list as list,
    load_plugin as load_plugin,
)
from .data import (
    Cochleagram as Cochleagram,
    Data as Data,
    DataSplit as DataSplit,
    EventSplit as EventSplit,
    Events as Events,
    cochleagram as cochleagram,
    fetch_data as fetch_data,
    load_data as load_data,
    load_events as load_events,
    read_sound as read_sound,
)
from .errors import (
    CorruptFile as CorruptFile,
    Error as Error,
    FileNotFound as FileNotFound,
    Interrupted as Interrupted,
    InvalidConfig as InvalidConfig,
    InvalidValue as InvalidValue,
    OutputError as OutputError,
    UnknownName as UnknownName,
    Unsupported as Unsupported,
)
from .event_learning import (
    EventEvaluation as EventEvaluation,
    EventLayer as EventLayer,
    EventTrainer as EventTrainer,
    Recurrent as Recurrent,
)
from .experiments import (
    run as run,
)
from .inference import (
    Activity as Activity,
    Answers as Answers,
    Inference as Inference,
)
from .layer import (
    AveragePool as AveragePool,
    Convolution as Convolution,
    Dense as Dense,
    Layer as Layer,
    MaxPool as MaxPool,
)
from .learning import (
    Evaluation as Evaluation,
    Sequential as Sequential,
)
from .network import (
    Network as Network,
    Population as Population,
    circuit as circuit,
)
from .onnx_import import (
    import_onnx as import_onnx,
)
from .simulation import (
    Counters as Counters,
    Recording as Recording,
    Simulation as Simulation,
    Spikes as Spikes,
    Synapses as Synapses,
)
from .traces import (
    EventTrace as EventTrace,
    Trace as Trace,
)
from .training import (
    Epoch as Epoch,
    Trainer as Trainer,
)
from .rules import *
from .distributions import *

__version__: str
