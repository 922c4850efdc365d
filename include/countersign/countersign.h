/* countersign: threshold ECDSA for wallets. Includes everything; nothing of its own.
 *
 * Whatever returns csig_err says CSIG_E_ARGUMENT where a pointer it needs is NULL. */
#ifndef COUNTERSIGN_COUNTERSIGN_H
#define COUNTERSIGN_COUNTERSIGN_H

#include "countersign/aux.h"
#include "countersign/backup.h"
#include "countersign/engine.h"
#include "countersign/epoch.h"
#include "countersign/error.h"
#include "countersign/evidence.h"
#include "countersign/facts.h"
#include "countersign/identity.h"
#include "countersign/keygen.h"
#include "countersign/payload.h"
#include "countersign/policy.h"
#include "countersign/recovery.h"
#include "countersign/refresh.h"
#include "countersign/reshare.h"
#include "countersign/sealer.h"
#include "countersign/session.h"
#include "countersign/share.h"
#include "countersign/sign.h"
#include "countersign/transcript.h"
#include "countersign/types.h"

#endif
