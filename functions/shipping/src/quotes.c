#include "shipping.h"

typedef exports_acme_shipping_quotes_zone_t zone_t;
typedef exports_acme_shipping_quotes_parcel_t parcel_t;
typedef exports_acme_shipping_quotes_offer_t offer_t;
typedef exports_acme_shipping_quotes_refusal_t refusal_t;

struct tariff {
  uint32_t heaviest;
  uint64_t cents, cents_per_kilo;
  uint8_t from, to;
};

static const struct tariff TARIFFS[] = {
    {31500, 490, 40, 1, 2},
    {31500, 990, 110, 2, 5},
    {20000, 1790, 420, 5, 14},
};

static const uint64_t MOST_INSURED = 5000000;

uint32_t exports_acme_shipping_quotes_heaviest(zone_t to) {
  return TARIFFS[to].heaviest;
}

bool exports_acme_shipping_quotes_quote(parcel_t *parcel, offer_t *offer, refusal_t *refusal) {
  const struct tariff *tariff = &TARIFFS[parcel->to];
  if (parcel->grams > tariff->heaviest) {
    refusal->tag = EXPORTS_ACME_SHIPPING_QUOTES_REFUSAL_TOO_HEAVY;
    refusal->val.too_heavy = tariff->heaviest;
    return false;
  }
  uint64_t worth = parcel->insured_for.is_some ? parcel->insured_for.val : 0;
  if (worth > MOST_INSURED) {
    refusal->tag = EXPORTS_ACME_SHIPPING_QUOTES_REFUSAL_NOT_INSURABLE;
    return false;
  }
  uint64_t kilos = (parcel->grams + 999) / 1000;
  offer->cents = tariff->cents + kilos * tariff->cents_per_kilo + worth / 100;
  offer->days.f0 = tariff->from;
  offer->days.f1 = tariff->to;
  return true;
}
