#pragma once

/// Between a model's State struct and the columns that hold a population's state.

#include <array>
#include <cstddef>
#include <utility>

#include "core/neuron_model.hpp"

namespace ranvier {

/// The model state of neuron `i`, read from one column per variable.
template <class M, class X, class Column>
inline typename M::template State<X> load_state(const std::array<Column*, state_count<M>>& columns,
                                                std::size_t i) {
  typename M::template State<X> state;
  constexpr auto fields = M::template State<X>::fields();
  [&]<std::size_t... k>(std::index_sequence<k...>) {
    ((state.*(fields[k].member) = columns[k][i]), ...);
  }
  (std::make_index_sequence<state_count<M>>{});
  return state;
}

/// Rounds to the columns' type where that is narrower than the state's.
template <class M, class X, class Column>
inline void store_state(const std::array<Column*, state_count<M>>& columns, std::size_t i,
                        const typename M::template State<X>& state) {
  constexpr auto fields = M::template State<X>::fields();
  [&]<std::size_t... k>(std::index_sequence<k...>) {
    ((columns[k][i] = static_cast<Column>(state.*(fields[k].member))), ...);
  }
  (std::make_index_sequence<state_count<M>>{});
}

/// `yes ? a : b` for every variable, without a branch.
template <class M, class X>
inline typename M::template State<X> select_state(bool yes, const typename M::template State<X>& a,
                                                  const typename M::template State<X>& b) {
  typename M::template State<X> chosen;
  constexpr auto fields = M::template State<X>::fields();
  [&]<std::size_t... k>(std::index_sequence<k...>) {
    ((chosen.*(fields[k].member) = yes ? a.*(fields[k].member) : b.*(fields[k].member)), ...);
  }
  (std::make_index_sequence<state_count<M>>{});
  return chosen;
}

}  // namespace ranvier
